//! Texts as parts of file names.

use std::collections::{HashMap, HashSet};

/// The longest, in characters, but for a number at its end.
const LONGEST: usize = 60;

/// The texts in small letters, digits, points and hyphens, all different.
pub(crate) fn slugs(texts: &[String]) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    // Where to go on counting for each.
    let mut next: HashMap<String, usize> = HashMap::new();
    let mut unique = |text: &String| {
        let base = slug(text);
        let mut name = base.clone();
        let number = next.entry(base.clone()).or_insert(1);
        while !taken.insert(name.clone()) {
            *number += 1;
            name = format!("{base}-{number}");
        }
        name
    };
    texts.iter().map(&mut unique).collect()
}

fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().take(LONGEST) {
        match c {
            c if c.is_ascii_alphanumeric() || c == '.' => slug.push(c.to_ascii_lowercase()),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
    }
    let slug = slug.trim_matches(['-', '.']);
    if slug.is_empty() { "panel".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_plain_and_different() {
        let texts = ["bernoulli (means=[0.5, 0.6])", "Bernoulli: means 0.5 0.6!", "π", "panel-2"];
        let slugs =
            slugs(&[&texts[..], &["?"]].concat().iter().map(|&t| t.to_owned()).collect::<Vec<_>>());
        let expected =
            ["bernoulli-means-0.5-0.6", "bernoulli-means-0.5-0.6-2", "panel", "panel-2", "panel-3"];
        assert_eq!(slugs, expected);
    }
}
