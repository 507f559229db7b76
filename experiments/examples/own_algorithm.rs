//! A bandit algorithm of one's own beside UCB1 on three environments, with the same luck for both:
//! `cargo run --release --example own_algorithm`

use regret_algorithms::bandit::Ucb1;
use regret_engine::prelude::*;
use regret_environments::bandit::{Bernoulli, BetaArms, StochasticallyConstrained};
use regret_results::statistics::Summary;

/// Plays any arm with probability min(1, 5K/t), else the arm of highest empirical mean.
struct Fading(Vec<(f64, f64)>);

impl Learner<Bandit> for Fading {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        if round.rng.uniform() * round.t as f64 <= 5.0 * self.0.len() as f64 {
            return round.rng.index(self.0.len());
        }
        argmax(self.0.iter().map(|(pulls, sum)| sum / pulls.max(1.0)))
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        let (pulls, sum) = &mut self.0[outcome.action];
        *pulls += 1.0;
        *sum += outcome.feedback;
    }

    fn reset(&mut self) {
        self.0.fill((0.0, 0.0));
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plan = Plan::new(10_000, 100, PSEUDO_REGRET);
    let adversary = StochasticallyConstrained { arms: 3, gap: 0.1, best: 1, growth: 1.6 };
    println!("{:<12} {:>15} {:>15} {:>15}", PSEUDO_REGRET.title, "fading", "ucb1", "difference");
    for (name, problem) in [
        ("Bernoulli", Bernoulli { means: vec![0.5, 0.4, 0.6] }.problem()?),
        ("Beta", BetaArms { a: vec![1.0, 2.0, 3.0], b: vec![2.0; 3] }.problem()?),
        ("adversary", adversary.problem()?),
    ] {
        let own =
            play(problem.as_ref(), |s| Fading(vec![(0.0, 0.0); s.arms()]), &plan, Delay::None)?;
        let game = Game::new(problem, Ucb1::default(), plan.horizon, Delay::None)?;
        let ucb1 = game.play(&plan, Form::Suited)?;
        let (own, ucb1) = (own.at_horizon(PSEUDO_REGRET), ucb1.at_horizon(PSEUDO_REGRET));
        let difference: Vec<f64> = own.iter().zip(ucb1).map(|(own, ucb1)| own - ucb1).collect();
        print!("{name:<13}");
        for sample in [own, ucb1, &difference] {
            let summary = Summary::of(sample)?;
            print!(" {:>7.1} ± {:>5.1}", summary.mean, summary.margin().unwrap_or_default());
        }
        println!();
    }
    Ok(())
}

#[test]
fn it_runs() -> Result<(), Box<dyn std::error::Error>> {
    main()
}
