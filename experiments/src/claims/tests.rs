//! Which claims a spec makes, and where its mistakes are.

use crate::spec;
use crate::spec::source::Problems;

const SPEC: &str = "\
horizon: 1000
checkpoints: {grid: linear, count: 10}
environments:
- bernoulli: {means: [0.5, 0.6], label: easy}
- bernoulli: {means: [0.5, 0.6], label: late, delay: {fixed: 9}}
learners:
- ucb1
- ucb1: {alpha: 0.5, label: bold}
- uniform
- fixed_arm: {arm: 0, on: [easy]}
sweep: {horizon: [100, 1000], learners.0.alpha: [1, 2]}
claims:
";

fn read(claim: &str) -> Result<spec::Experiment, Problems> {
    spec::read("spec.yaml", "x", &format!("{SPEC}{claim}\n"), &[])
}

fn statements(claim: &str) -> Vec<String> {
    let experiment = read(claim).expect(claim);
    experiment.claims.into_iter().map(|claim| claim.statement).collect()
}

#[test]
fn a_claim_is_made_for_every_cell_that_it_means() {
    // Two environments, two horizons, two values of α, and not the one with a label.
    assert_eq!(statements("- value: {of: ucb1, at_most: 9}").len(), 8);
    assert_eq!(
        statements("- value: {of: {learner: ucb1, with: {alpha: 1}}, on: late, at_most: 9.5}"),
        [
            "pseudo-regret of ucb1 (alpha=1) on late, T = 100: at most 9.5",
            "pseudo-regret of ucb1 (alpha=1) on late, T = 1000: at most 9.5",
        ]
    );
    let one = statements(
        "- value: {name: Known, of: bold, on: [easy], horizon: 1000, at: 300, at_least: 1}",
    );
    assert_eq!(one, ["Known: pseudo-regret at t = 300 of bold on easy, T = 1000: at least 1"]);
    let pulls = statements(
        "- value: {of: bold, on: easy, horizon: 100, notion: pulls, component: 1, at_least: 1}",
    );
    assert_eq!(pulls, ["pulls [1] of bold on easy, T = 100: at least 1"]);
}

#[test]
fn pairs_meet_in_one_place_unless_they_say_otherwise() {
    // `fixed_arm` plays on `easy` alone.
    assert_eq!(
        statements("- below: {of: uniform, than: fixed_arm}"),
        [
            "pseudo-regret of uniform on easy, T = 100 below that of fixed_arm (p < 0.05)",
            "pseudo-regret of uniform on easy, T = 1000 below that of fixed_arm (p < 0.05)",
        ]
    );
    let across = statements(
        "- difference: {of: {learner: bold, on: late}, to: {learner: bold, on: easy}, \
         horizon: 100, at_most: 9}",
    );
    let minus = "pseudo-regret of bold on late, T = 100 minus that of bold on easy, T = 100";
    assert_eq!(across, [format!("{minus}: at most 9")]);
    let ordered = statements("- ordering: {of: [bold, ucb1, uniform], horizon: 100, on: late}");
    assert_eq!(
        ordered,
        [
            "pseudo-regret on late, T = 100: bold < ucb1 (alpha=1) < uniform (p < 0.05)",
            "pseudo-regret on late, T = 100: bold < ucb1 (alpha=2) < uniform (p < 0.05)",
        ]
    );
    let delays = statements(
        "- value: {of: bold, on: {environment: bernoulli, with: {delay: none}}, at_most: 1}",
    );
    assert!(delays.iter().all(|words| words.contains("on easy")), "{delays:?}");
    // A name means the labelled items only if no other has it.
    assert_eq!(delays.len(), 2);
}

#[test]
fn sweeps_are_gone_along_with_all_else_the_same() {
    assert_eq!(
        statements("- monotone: {of: uniform, in: horizon, direction: increasing, on: easy}"),
        ["pseudo-regret of uniform on easy increasing in horizon from 100 to 1000 (p < 0.05)"]
    );
    let along = "- monotone: {of: ucb1, in: learners.0.alpha, direction: decreasing}";
    assert_eq!(statements(along).len(), 4);
    let over = "- exponent: {of: uniform, on: easy, over: horizon, between: [0.9, 1.1]}";
    assert_eq!(
        statements(over),
        ["exponent in horizon (100 to 1000) of the pseudo-regret of uniform on easy: between \
          0.9 and 1.1"]
    );
    assert_eq!(statements("- under_bound: {of: uniform, on: easy}").len(), 2);
}

#[test]
fn zipped_sweeps_move_together() {
    let text = "\
horizon: 9
environments: [bernoulli: {means: [0.5, 0.6]}]
learners: [ucb1]
sweep: {zip: {horizon: [100, 1000], learners.0.alpha: [1, 2]}}
claims: [monotone: {of: ucb1, in: horizon, direction: increasing}]
";
    let experiment = spec::read("spec.yaml", "x", text, &[]).expect("valid");
    assert_eq!(experiment.claims.len(), 1);
    assert_eq!(experiment.claims[0].cells, [0, 1]);
}

#[test]
fn every_mistake_has_its_place_and_advice() {
    // The claim stands in line 13.
    for (claim, column, message, advice) in [
        ("  {}", 3, "`claims` must be a list", ""),
        ("- value", 3, "a claim is `kind: {…}`", "exponent"),
        ("- {value: {}, ratio: {}}", 3, "a claim is `kind: {…}`", ""),
        ("- valeu: {of: ucb1}", 3, "no claim `valeu`", "`value`"),
        ("- value: [ucb1]", 10, "`value` must be a mapping", ""),
        ("- value: {at_most: 1}", 3, "`value` needs the key `of`", ""),
        ("- value: {of: ucb1, at_mots: 1}", 21, "unknown key `at_mots`", "`at_most`"),
        ("- value: {of: ucb1}", 3, "says no limit", "between: [x, y]"),
        ("- value: {of: ucb1, at_most: x}", 30, "`at_most` must be a number", ""),
        ("- value: {of: ucb1, at_most: 1, at_least: 2}", 3, "nothing is at least 2", ""),
        ("- value: {of: ucb1, between: [2, 1]}", 30, "two numbers, the lower one first", ""),
        ("- value: {of: ucb1, between: [1, 2], at_most: 3}", 30, "`between` stands alone", ""),
        ("- value: {of: ucb2, at_most: 1}", 15, "no learner `ucb2`", "`ucb1`"),
        ("- value: {of: 3, at_most: 1}", 15, "by label or name, not by a number", "learner"),
        ("- value: {of: {with: {}}, at_most: 1}", 15, "the key `learner` is missing", ""),
        (
            "- value: {of: {learner: ucb1, wiht: {}}, at_most: 1}",
            31,
            "unknown key `wiht`",
            "`with`",
        ),
        (
            "- value: {of: {learner: ucb1, with: {alpha: 3}}, at_most: 1}",
            45,
            "no `ucb1` has alpha = 3",
            "there are 1",
        ),
        (
            "- value: {of: {learner: ucb1, with: {beta: 3}}, at_most: 1}",
            44,
            "no `ucb1` has beta = 3",
            "no parameter `beta`",
        ),
        ("- value: {of: ucb1, on: hard, at_most: 1}", 25, "no environment `hard`", "easy"),
        ("- value: {of: ucb1, on: [], at_most: 1}", 25, "names no environment", ""),
        ("- value: {of: fixed_arm, on: late, at_most: 1}", 15, "there is no cell of", ""),
        ("- value: {of: ucb1, horizon: 7, at_most: 1}", 15, "there is no cell of", ""),
        ("- value: {of: ucb1, seed: x, at_most: 1}", 27, "`seed` must be a whole number", ""),
        (
            "- value: {of: ucb1, notion: regert, at_most: 1}",
            29,
            "nothing called `regert`",
            "regret",
        ),
        (
            "- value: {of: ucb1, notion: realised_regret, at_most: 1}",
            29,
            "`realised_regret` is not recorded",
            "pseudo_regret, switches",
        ),
        ("- value: {of: ucb1, notion: pulls, at_most: 1}", 3, "`component` from 0 to 1", ""),
        ("- value: {of: ucb1, notion: pulls, component: 2, at_most: 1}", 47, "from 0 to 1", ""),
        ("- value: {of: ucb1, component: 0, at_most: 1}", 32, "has no components", ""),
        ("- value: {of: ucb1, at: 250, at_most: 1}", 25, "round 250 is no checkpoint", "100"),
        (
            "- value: {of: ucb1, horizon: 1000, at: 250, at_most: 1}",
            40,
            "round 250 is no checkpoint",
            "200 and 300",
        ),
        ("- value: {of: ucb1, confidence: 95, at_most: 1}", 33, "`confidence` must lie", ""),
        (
            "- value: {of: ucb1, name: [3], at_most: 1}",
            27,
            "a claim's name is text, not a list",
            "",
        ),
        ("- below: {of: ucb1}", 3, "`below` needs the key `than`", ""),
        ("- below: {of: ucb1, than: bold, p: 0.5}", 36, "`p` must lie between 0 and 0.5", ""),
        ("- below: {of: bold, than: bold}", 27, "never play on the same environment", ""),
        ("- below: {of: fixed_arm, than: bold, on: late}", 15, "there is no cell of", ""),
        ("- ordering: {of: ucb1}", 18, "a list of at least two learners", ""),
        (
            "- monotone: {of: ucb1, in: learners.0.alpha, direction: up}",
            57,
            "`increasing` or `decreasing`",
            "",
        ),
        (
            "- monotone: {of: ucb1, in: alpha, direction: increasing}",
            28,
            "`alpha` is no parameter",
            "learners.ucb1.alpha",
        ),
        (
            "- monotone: {of: bold, in: learners.1.alpha, direction: increasing}",
            28,
            "do not differ in `learners.1.alpha` alone",
            "",
        ),
        (
            "- monotone: {of: uniform, in: learners.0.alpha, direction: increasing}",
            31,
            "is no number on easy",
            "",
        ),
        ("- exponent: {of: ucb1, from: 500, to: 550, at_most: 1}", 3, "checkpoints lie", "widen"),
        ("- exponent: {of: ucb1, at: 10, at_most: 1}", 28, "`at` goes with `over`", ""),
        (
            "- exponent: {of: ucb1, over: horizon, from: 5, at_most: 1}",
            45,
            "they do not go with `over`",
            "",
        ),
        ("- exponent: {of: ucb1, over: environments.0.means, at_most: 1}", 30, "is no number", ""),
        ("- under_bound: {of: ucb1, bound: √, on: easy}", 3, "no such bound", "8 ln t"),
        ("- above_bound: {of: ucb1}", 3, "no such bound", ""),
    ] {
        let Err(Problems(problems)) = read(claim) else { panic!("{claim} is not wrong") };
        let problem = &problems[0];
        let (_, line, at) = problem.span().location();
        assert_eq!((line, at), (13, column), "{claim}: {problem}");
        assert!(problem.message().contains(message), "{claim}: {problem}");
        let help = problem.advice().unwrap_or_default();
        assert!(help.contains(advice), "{claim}: {help}");
    }
}

#[test]
fn all_claims_are_checked_and_their_form_even_among_other_mistakes() {
    let Err(Problems(problems)) = read("- valeu: {}\n- value: {of: ucb2, at_most: 1}") else {
        panic!("two mistakes")
    };
    assert_eq!(problems.len(), 2);
    // With a learner that is wrong, no name can be looked up, but keys can.
    let text = "horizon: 10\nenvironments: [bernoulli: {means: [1]}]\nlearners: [ucb9]\n\
                claims: [value: {of: ucb1, at_mots: 1}, value: {of: x, at_most: 1}]\n";
    let Err(Problems(problems)) = spec::read("x", "x", text, &[]) else { panic!("mistakes") };
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message()).collect();
    assert_eq!(messages, ["there is no learner `ucb9`", "unknown key `at_mots`"]);
}
