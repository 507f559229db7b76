//! Environments of the assortment protocol.

mod mixed_logit;
mod mnl;
mod mnl_contextual;
mod mnl_random;
mod nested_logit;

pub use mixed_logit::MixedLogit;
pub use mnl::{Mnl, MnlShop, Shelf};
pub use mnl_contextual::{Components, ContextualShop, MnlContextual};
pub use mnl_random::MnlRandom;
pub use nested_logit::NestedLogit;
