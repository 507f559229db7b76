//! Which cells of several runs belong together, and whether two of them can be paired.

use std::collections::HashMap;

use serde_json::json;

use super::{Member, Pairing};
use crate::labels::in_words;
use crate::store::Item;

/// Cells that are compared with each other.
pub(super) struct Place {
    /// The environment, with what else distinguishes this place from others.
    pub(super) title: String,
    /// Indices of its members, in the order of the runs.
    pub(super) members: Vec<usize>,
}

/// The places of all members, those with one member left out with a note.
pub(super) fn places(members: &[Member], notes: &mut Vec<String>) -> Vec<Place> {
    let environments: Vec<&Item> = members.iter().map(|member| &member.meta.environment).collect();
    let names = in_words(environments.iter().copied());
    let horizons = members.iter().any(|member| member.meta.horizon != members[0].meta.horizon);
    let title = |index: usize| match horizons {
        true => format!("{}, T = {}", names[index], members[index].meta.horizon),
        false => names[index].clone(),
    };
    let exact = groups(members.len(), |index| {
        let meta = &members[index].meta;
        let environment = (&meta.environment.name, &meta.environment.parameters);
        json!([meta.protocol, environment, meta.horizon]).to_string()
    });
    let is_shared =
        |group: &Vec<usize>| group.iter().any(|&index| members[index].run != members[group[0]].run);
    let (mut found, lonely): (Vec<Vec<usize>>, Vec<Vec<usize>>) =
        exact.into_iter().partition(is_shared);
    // Environments of one label or name, of which no run has two.
    let by_name = groups(lonely.len(), |index| {
        let meta = &members[lonely[index][0]].meta;
        let name = meta.environment.label.as_ref().unwrap_or(&meta.environment.name);
        json!([meta.protocol, name]).to_string()
    });
    for group in by_name {
        let runs: Vec<usize> = group.iter().map(|&one| members[lonely[one][0]].run).collect();
        let distinct = runs.iter().enumerate().all(|(place, run)| !runs[..place].contains(run));
        if distinct && runs.len() > 1 {
            found.push(group.iter().flat_map(|&one| lonely[one].clone()).collect());
        } else {
            for one in group {
                notes.push(format!("{} is in one run only", title(lonely[one][0])));
            }
        }
    }
    found.sort_by_key(|group| group[0]);
    let places = found.into_iter().map(|members| Place { title: title(members[0]), members });
    places.collect()
}

/// Indices below `count` in groups of equal keys, in the order in which they first occur.
fn groups(count: usize, key: impl Fn(usize) -> String) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for index in 0..count {
        let group = *known.entry(key(index)).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(index);
    }
    groups
}

/// What makes a member the same learner as one of another run: label or name, where its run has one
/// of these only; else the parameters as well.
pub(super) fn learner(member: &Member, members: &[Member], place: &Place) -> String {
    let called = |member: &Member| {
        let learner = &member.meta.learner;
        learner.label.clone().unwrap_or_else(|| learner.name.clone())
    };
    let name = called(member);
    let of_name = place.members.iter().map(|&index| &members[index]);
    let own = of_name.clone().filter(|other| other.run == member.run && called(other) == name);
    if own.count() == 1 {
        return name;
    }
    format!("{name} {}", member.meta.learner.parameters)
}

/// Whether two members meet the same luck in the same replications.
pub(super) fn pairing(a: &Member, b: &Member) -> Pairing {
    let unpaired = |what: &str, of: [String; 2]| {
        Pairing::Unpaired(format!("the {what} differ: {} and {}", of[0], of[1]))
    };
    let (first, second) = (&a.meta, &b.meta);
    let environment = |item: &Item| (item.name.clone(), item.parameters.clone());
    if environment(&first.environment) != environment(&second.environment) {
        let plain = |item: &Item| Item { label: None, ..item.clone() };
        let items = [plain(&first.environment), plain(&second.environment)];
        let [a, b] = &in_words(items.iter())[..] else {
            return Pairing::Unpaired("the environments differ".to_owned());
        };
        return unpaired("environments", [a.clone(), b.clone()]);
    }
    if first.seed != second.seed {
        return unpaired("seeds", [first.seed, second.seed].map(|seed| seed.to_string()));
    }
    if first.horizon != second.horizon {
        return unpaired("horizons", [first.horizon, second.horizon].map(|t| t.to_string()));
    }
    let [n, m] = [a.sample.len(), b.sample.len()];
    let common = format!("on the first {} of {} replications", n.min(m), n.max(m));
    Pairing::Paired((n != m).then_some(common))
}
