//! How lines look: colours, dashes, and the geometry of dashing and clipping.

/// A point of the figure in units of the page, y downwards.
pub(super) type Point = (f64, f64);

/// Red, green and blue.
pub(super) type Colour = (u8, u8, u8);

/// Colour of titles and tick labels.
pub(super) const INK: Colour = (34, 34, 34);
/// Colour of bounds.
pub(super) const BOUND: Colour = (120, 120, 120);
/// Colour of the frame of the plot.
pub(super) const FRAME: Colour = (110, 110, 110);
/// Colour of the grid at labelled ticks.
pub(super) const GRID: Colour = (224, 224, 224);
/// Colour of the grid at other ticks.
pub(super) const FAINT_GRID: Colour = (242, 242, 242);

/// The palette of Okabe and Ito without its yellow, which is hard to see on white; readers with
/// any of the usual colour deficiencies tell these apart.
const PALETTE: [Colour; 7] = [
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (230, 159, 0),
    (86, 180, 233),
    (0, 0, 0),
];

/// Lengths of strokes and gaps in turn: solid, dashed, dotted, dash-dot.
const DASHES: [&[f64]; 4] = [&[], &[8.0, 4.0], &[2.0, 3.0], &[9.0, 3.0, 2.0, 3.0]];

/// How one line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stroke {
    /// Its colour.
    pub(super) colour: Colour,
    /// Its width.
    pub(super) width: f64,
    /// Lengths of strokes and gaps in turn; none for a solid line.
    pub(super) dashes: &'static [f64],
}

impl Stroke {
    /// The look of line number `index`: the palette solid, then dashed, dotted and dash-dotted,
    /// then all of these ever thicker.
    pub(super) fn of_line(index: usize) -> Self {
        let round = index / PALETTE.len();
        Self {
            colour: PALETTE[index % PALETTE.len()],
            width: 1.8 + 1.2 * (round / DASHES.len()) as f64,
            dashes: DASHES[round % DASHES.len()],
        }
    }

    /// The look of bound number `index`: thin and grey, told apart by its dashes.
    pub(super) fn of_bound(index: usize) -> Self {
        const BOUND_DASHES: [&[f64]; 3] = [&[6.0, 4.0], &[2.0, 3.0], &[8.0, 3.0, 2.0, 3.0]];
        let dashes = BOUND_DASHES[index % BOUND_DASHES.len()];
        Self { colour: BOUND, width: 1.2, dashes }
    }

    /// A thin solid line.
    pub(super) fn hairline(colour: Colour) -> Self {
        Self { colour, width: 1.0, dashes: &[] }
    }
}

/// A rectangle; `left < right`, `top < bottom`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    /// Least x.
    pub(super) left: f64,
    /// Least y.
    pub(super) top: f64,
    /// Largest x.
    pub(super) right: f64,
    /// Largest y.
    pub(super) bottom: f64,
}

impl Frame {
    /// The parts of the polyline inside.
    pub(super) fn clip(&self, line: &[Point]) -> Vec<Vec<Point>> {
        let mut parts: Vec<Vec<Point>> = Vec::new();
        for pair in line.windows(2) {
            let Some((from, to)) = self.clip_segment(pair[0], pair[1]) else { continue };
            match parts.last_mut() {
                Some(part) if part.last() == Some(&from) => part.push(to),
                _ => parts.push(vec![from, to]),
            }
        }
        parts
    }

    /// The part of a segment inside, by Liang and Barsky's algorithm.
    fn clip_segment(&self, a: Point, b: Point) -> Option<(Point, Point)> {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let sides = [
            (-dx, a.0 - self.left),
            (dx, self.right - a.0),
            (-dy, a.1 - self.top),
            (dy, self.bottom - a.1),
        ];
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        for (direction, room) in sides {
            if direction == 0.0 {
                if room < 0.0 {
                    return None;
                }
            } else if direction < 0.0 {
                enter = enter.max(room / direction);
            } else {
                leave = leave.min(room / direction);
            }
        }
        let at = |s: f64| (a.0 + s * dx, a.1 + s * dy);
        let from = if enter == 0.0 { a } else { at(enter) };
        let to = if leave == 1.0 { b } else { at(leave) };
        (enter <= leave).then_some((from, to))
    }

    /// Whether a point lies inside.
    pub(super) fn holds(&self, (x, y): Point) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }

    /// The point moved up or down into the frame.
    pub(super) fn pull_in(&self, (x, y): Point) -> Point {
        (x.clamp(self.left, self.right), y.clamp(self.top, self.bottom))
    }
}

/// The corners of a dot of that radius: an octagon.
pub(super) fn dot((x, y): Point, radius: f64) -> [Point; 8] {
    let (long, short) = (radius, radius * std::f64::consts::SQRT_2 / 2.0);
    [
        (x + long, y),
        (x + short, y + short),
        (x, y + long),
        (x - short, y + short),
        (x - long, y),
        (x - short, y - short),
        (x, y - long),
        (x + short, y - short),
    ]
}

/// The strokes of a dashed polyline: `dashes` are lengths of strokes and gaps in turn.
pub(super) fn dashed(line: &[Point], dashes: &[f64]) -> Vec<Vec<Point>> {
    if dashes.iter().sum::<f64>() <= 0.0 {
        return vec![line.to_vec()];
    }
    let (mut strokes, mut stroke) = (Vec::new(), Vec::from_iter(line.first().copied()));
    let (mut turn, mut left) = (0, dashes[0]);
    for pair in line.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let length = (b.0 - a.0).hypot(b.1 - a.1);
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let share = done / length;
            let point = (a.0 + share * (b.0 - a.0), a.1 + share * (b.1 - a.1));
            if turn % 2 == 0 {
                stroke.push(point);
                strokes.push(std::mem::take(&mut stroke));
            } else {
                stroke = vec![point];
            }
            turn = (turn + 1) % dashes.len();
            left = dashes[turn];
        }
        left -= length - done;
        if turn % 2 == 0 {
            stroke.push(b);
        }
    }
    if stroke.len() > 1 {
        strokes.push(stroke);
    }
    strokes
}

/// The polyline without points closer than `least` to the one kept before; its ends are kept.
pub(super) fn thinned(line: &[Point], least: f64) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    for (index, &point) in line.iter().enumerate() {
        let near = |last: &Point| (point.0 - last.0).hypot(point.1 - last.1) < least;
        let is_last = index + 1 == line.len();
        if is_last && kept.len() > 1 && kept.last().is_some_and(near) {
            kept.pop();
        }
        if is_last || !kept.last().is_some_and(near) {
            kept.push(point);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_hundred_lines_all_look_different() {
        let looks = (0..100).map(|index| format!("{:?}", Stroke::of_line(index)));
        assert_eq!(looks.collect::<BTreeSet<_>>().len(), 100);
    }

    #[test]
    fn dashes_cover_their_share_across_corners() {
        let line = [(0.0, 0.0), (5.0, 0.0), (5.0, 13.0)];
        let strokes = dashed(&line, &[4.0, 2.0]);
        assert_eq!(strokes.len(), 3);
        assert_eq!(strokes[0], [(0.0, 0.0), (4.0, 0.0)]);
        assert_eq!(strokes[1], [(5.0, 1.0), (5.0, 5.0)]);
        assert_eq!(dashed(&line, &[]), [line.to_vec()]);
        assert!(dashed(&[], &[4.0, 2.0]).is_empty());
    }

    #[test]
    fn clipping_keeps_what_is_inside() {
        let frame = Frame { left: 0.0, top: 0.0, right: 10.0, bottom: 10.0 };
        let line = [(0.0, 5.0), (5.0, 5.0), (5.0, -5.0), (8.0, -5.0), (8.0, 5.0)];
        let parts = frame.clip(&line);
        assert_eq!(parts[0], [(0.0, 5.0), (5.0, 5.0), (5.0, 0.0)]);
        assert_eq!(parts[1], [(8.0, 0.0), (8.0, 5.0)]);
        assert!(frame.clip(&[(-5.0, 20.0), (20.0, 20.0)]).is_empty());
    }

    #[test]
    fn thinning_keeps_the_ends() {
        let line: Vec<Point> = (0..=100).map(|i| (f64::from(i) / 10.0, 0.0)).collect();
        let kept = thinned(&line, 1.0);
        assert!(kept.len() <= 12);
        assert_eq!((kept[0], kept[kept.len() - 1]), ((0.0, 0.0), (10.0, 0.0)));
        assert_eq!(thinned(&[(0.0, 0.0), (0.1, 0.0)], 1.0), [(0.0, 0.0), (0.1, 0.0)]);
    }
}
