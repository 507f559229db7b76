//! The best assortment as a linear program, solved by another library's simplex method.

use microlp::{ComparisonOp, OptimizationDirection, Problem};
use regret_engine::mnl::Solver;
use regret_engine::random::{Role, Stream};

/// max Σ r_i w_i subject to w_0 + Σ w_i = 1, Σ w_i/v_i ≤ K w_0, 0 ≤ w_i/v_i ≤ w_0: w are the
/// probabilities of the choices, and the vertices are assortments (Davis, Gallego, Topaloglu,
/// "Assortment planning under the multinomial logit model with totally unimodular constraint
/// structures", 2013).
fn by_linear_program(revenues: &[f64], attractions: &[f64], capacity: usize) -> f64 {
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let nothing = problem.add_var(0.0, (0.0, 1.0));
    let bought: Vec<_> = revenues.iter().map(|&r| problem.add_var(r, (0.0, 1.0))).collect();
    let all: Vec<_> = bought.iter().chain([&nothing]).map(|&w| (w, 1.0)).collect();
    problem.add_constraint(all, ComparisonOp::Eq, 1.0);
    let mut places: Vec<_> = bought.iter().zip(attractions).map(|(&w, &v)| (w, 1.0 / v)).collect();
    for &(w, share) in &places {
        problem.add_constraint([(w, share), (nothing, -1.0)], ComparisonOp::Le, 0.0);
    }
    places.push((nothing, -(capacity as f64)));
    problem.add_constraint(places, ComparisonOp::Le, 0.0);
    problem.solve().expect("feasible").into_solution().expect("solved").objective()
}

#[test]
fn the_solver_finds_the_optimum_of_the_linear_program() {
    let mut stream = Stream::new(9, 0, Role::Learner);
    for items in [1, 2, 3, 5, 9, 14] {
        for _ in 0..12 {
            let revenues: Vec<f64> = (0..items).map(|_| stream.uniform()).collect();
            let attractions: Vec<f64> = (0..items).map(|_| 0.05 + 2.0 * stream.uniform()).collect();
            let capacity = 1 + stream.index(items);
            let found = Solver::new(items, capacity).solve(&revenues, &attractions);
            let expected = by_linear_program(&revenues, &attractions, capacity);
            assert!((found - expected).abs() < 1e-8, "{found} {expected}");
        }
    }
}
