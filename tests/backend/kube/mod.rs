//! Clusters: the adapter against a server that keeps state, with `kubectl` as the second opinion.

mod broken;
mod contract;
mod docs;
mod equal;
mod fake;
mod ground;
mod kubectl;
mod verbs;
mod watching;
mod words;
