//! Prediction with expert advice.
