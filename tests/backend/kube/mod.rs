//! Clusters: the adapter against a server that keeps state, with `kubectl` as the second opinion.

mod argo;
mod argo_faults;
mod argo_stops;
mod argo_watch;
mod badges;
mod broken;
mod contract;
mod docs;
mod equal;
mod fake;
mod flagger;
mod flagger_faults;
mod flagger_meanwhile;
mod flagger_watch;
pub mod ground;
mod kubectl;
mod leftovers;
mod pinned;
mod plugin;
mod real;
mod restart;
mod restart_steps;
mod sets;
mod staged;
mod verbs;
mod watching;
mod words;
