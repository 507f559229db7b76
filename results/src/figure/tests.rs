//! Tests of whole figures.

use super::*;

/// The rounds of a run to 10^5.
fn rounds() -> Vec<f64> {
    let mut rounds: Vec<f64> =
        (0..=200).map(|i| 10_f64.powf(f64::from(i) / 40.0).floor()).collect();
    rounds.dedup();
    rounds
}

/// A curve of √t or ln t with a band and a little noise.
fn line(index: usize) -> Line {
    let x = rounds();
    let factor = 1.0 + index as f64 * 0.7;
    let regret = |t: &f64| {
        let t = *t;
        let noise = 1.0 + 0.01 * (t.ln() * 13.0 + factor).sin();
        let growth = if index.is_multiple_of(2) { t.sqrt() * 0.6 } else { 12.0 * (1.0 + t).ln() };
        factor * growth * noise
    };
    let mean: Vec<f64> = x.iter().map(regret).collect();
    Line {
        label: format!("learner{index} (alpha={factor:.1})"),
        low: mean.iter().map(|m| m * 0.93 - 1.0).collect(),
        high: mean.iter().map(|m| m * 1.07 + 1.0).collect(),
        x,
        mean,
    }
}

fn bound(label: &str, factor: f64) -> BoundLine {
    let x = rounds();
    let values = x.iter().map(|t| factor * t.sqrt()).collect();
    BoundLine { label: label.into(), x, values }
}

fn figure(lines: Vec<Line>, bounds: Vec<BoundLine>, scale: Scale) -> Figure {
    Figure {
        title: "Bernoulli, 10 arms <gap & 0.1>".into(),
        x_title: "round t".into(),
        y_title: "pseudo-regret".into(),
        lines,
        bounds,
        scale,
        bands: Some(BandKind::Simultaneous),
        are_points: false,
    }
}

/// Ten curves, one never positive, and bounds near and far.
fn realistic(scale: Scale) -> Figure {
    let mut lines: Vec<Line> = (0..10).map(line).collect();
    lines[3].label = "a learner with quite a long label (gamma=0.001, eta=0.2)".into();
    lines[4].label = "x < y & \"z\"".into();
    let negative = lines[9].mean.iter().map(|m| -m / 20.0).collect();
    lines[9] =
        Line { label: "negative".into(), mean: negative, low: vec![], high: vec![], ..line(9) };
    let bounds = vec![
        bound("√(2 T K ln K)", 4.8),
        bound("a bound far above everything: 24 √(T K ln T)", 1e6),
    ];
    figure(lines, bounds, scale)
}

/// Reads a PNG back: width, height, pixels.
fn decoded(png: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(png).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width, info.height, pixels)
}

/// Whether every tag that opens closes and every `&` begins an entity.
fn well_formed(svg: &str) -> bool {
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1) {
        let Some((tag, text)) = tag.split_once('>') else { return false };
        let name = tag.split_whitespace().next().unwrap_or_default();
        if let Some(name) = name.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        let entities = ["lt;", "gt;", "amp;", "quot;", "apos;"];
        let escaped = |rest: &str| entities.iter().any(|entity| rest.starts_with(entity));
        if text.contains('>') || !text.split('&').skip(1).all(escaped) {
            return false;
        }
    }
    open.is_empty()
}

#[test]
fn a_png_decodes_and_shows_something() {
    for scale in [Scale::Linear, Scale::LogLog, Scale::LogLinear] {
        let png = realistic(scale).png().unwrap();
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        let (width, height, pixels) = decoded(&png);
        assert_eq!((width, height), (2080, 1080));
        let blue = pixels.chunks(3).filter(|pixel| *pixel == [0, 114, 178]).count();
        assert!(blue > 1000, "{blue} pixels of the first line");
    }
}

#[test]
fn an_svg_is_well_formed_and_escaped() {
    for scale in [Scale::Linear, Scale::LogLog] {
        let svg = realistic(scale).svg().unwrap();
        assert!(well_formed(&svg));
        assert!(svg.starts_with("<svg width=\"1040\" height=\"540\" viewBox=\"0 0 10400 5400\""));
        assert!(svg.contains("x &lt; y &amp; &quot;z&quot;"));
        assert!(svg.contains("Bernoulli, 10 arms &lt;gap &amp; 0.1&gt;"));
    }
}

#[test]
fn the_same_figure_has_the_same_bytes() {
    let figure = realistic(Scale::LogLog);
    assert_eq!(figure.svg(), figure.svg());
    assert_eq!(figure.png(), figure.png());
}

#[test]
fn long_labels_are_cut_and_absent_curves_named() {
    let svg = realistic(Scale::LogLog).svg().unwrap();
    assert!(svg.contains("a learner with") && !svg.contains("eta=0.2"));
    assert!(svg.contains("negative (≤ 0)"));
    assert!(svg.contains("a bound far") && svg.contains("… (off scale)\n"));
    let linear = realistic(Scale::Linear).svg().unwrap();
    assert!(linear.contains("negative\n") && linear.contains("√(2 T K ln K)\n"));
}

#[test]
fn a_huge_bound_does_not_squash_the_curves() {
    let axis_labels = |bounds| figure(vec![line(0)], bounds, Scale::Linear).svg().unwrap();
    let (alone, bounded) = (axis_labels(vec![]), axis_labels(vec![bound("huge", 1e9)]));
    assert!(alone.contains("150\n") && bounded.contains("150\n"));
}

#[test]
fn degenerate_figures_are_drawn() {
    let single =
        Line { x: vec![10.0], mean: vec![3.0], low: vec![], high: vec![], label: "1".into() };
    let zero = Line { mean: vec![0.0; rounds().len()], low: vec![], high: vec![], ..line(0) };
    let infinite = Line { mean: vec![f64::INFINITY; rounds().len()], ..line(0) };
    let mut gap = line(1);
    gap.mean[50] = f64::NAN;
    let huge = Line { mean: rounds().iter().map(|t| 1e300 * t).collect(), ..line(0) };
    let tiny = Line { mean: rounds().iter().map(|t| 1e-320 * t).collect(), ..zero.clone() };
    let ragged = Line { x: vec![0.0, 5.0, 1.8e19], ..line(0) };
    let none = Line { x: vec![], mean: vec![], low: vec![], high: vec![], label: "a\u{0}b".into() };
    let many: Vec<Line> = (0..40).map(line).collect();
    let far = bound("far", f64::MAX);
    for lines in [
        vec![],
        vec![single],
        vec![zero],
        vec![infinite],
        vec![gap],
        vec![huge],
        vec![tiny],
        vec![ragged],
        vec![none],
        many,
    ] {
        for scale in [Scale::Linear, Scale::LogLog, Scale::LogLinear] {
            for bounds in [vec![], vec![far.clone(), bound("near", 1.0)]] {
                let figure = figure(lines.clone(), bounds, scale);
                let svg = figure.svg().unwrap();
                assert!(well_formed(&svg) && !svg.contains("NaN") && !svg.contains("inf"));
                assert!(!figure.png().unwrap().is_empty());
            }
        }
    }
}

#[test]
fn a_curve_of_one_replication_has_no_band() {
    let one = crate::statistics::Summary::of(&[2.0]).unwrap();
    let curve = Curve { checkpoints: vec![7], points: vec![one] };
    let line = Line::of("x", &curve, None);
    assert!(!line.has_band());
    assert_eq!((line.x, line.mean), (vec![7.0], vec![2.0]));
}

#[test]
fn the_legend_names_the_bands() {
    let svg = realistic(Scale::Linear).svg().unwrap();
    assert!(svg.contains("band: simultaneous 95 %, bootstrap\n"));
    let without = Figure { bands: None, ..realistic(Scale::Linear) };
    assert!(!without.svg().unwrap().contains("band:"));
}

#[test]
fn scaled_lines_are_divided_where_they_can_be() {
    let line = Line {
        label: "x".into(),
        x: vec![1.0, 4.0, 9.0],
        mean: vec![1.0, 4.0, 6.0],
        low: vec![0.0, 2.0, 3.0],
        high: vec![],
    };
    let over = line.clone().over(f64::sqrt);
    assert_eq!(
        (over.x, over.mean, over.low),
        (vec![1.0, 4.0, 9.0], vec![1.0, 2.0, 2.0], vec![0.0, 1.0, 1.0])
    );
    // ln 1 = 0: nothing can be divided by it.
    let over = line.over(f64::ln);
    let sizes = (over.mean.len(), over.low.len(), over.high.len());
    assert_eq!((over.x, sizes), (vec![4.0, 9.0], (2, 2, 0)));
    let bound = BoundLine { label: "b".into(), x: vec![1.0, 4.0], values: vec![3.0, 8.0] };
    let (over, log) = (bound.clone().over(f64::sqrt), bound.over(f64::ln));
    assert_eq!((over.values, log.x), (vec![3.0, 4.0], vec![4.0]));
}

#[test]
fn points_are_marked_with_their_intervals() {
    let sweep = Line {
        label: "x".into(),
        x: vec![0.5, 1.0, 2.0],
        mean: vec![1.0, 4.0, 6.0],
        low: vec![0.0, 3.0, 5.0],
        high: vec![2.0, 5.0, 7.0],
    };
    for scale in [Scale::Linear, Scale::LogLog, Scale::LogLinear] {
        let plain = figure(vec![sweep.clone()], vec![], scale);
        let marked = Figure { are_points: true, ..plain.clone() };
        let polygons = |figure: &Figure| figure.svg().unwrap().matches("<polygon").count();
        assert_eq!(polygons(&marked), polygons(&plain) + 3);
    }
}
