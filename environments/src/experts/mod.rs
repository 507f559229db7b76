//! Adversaries of prediction with expert advice that react to the learner.
