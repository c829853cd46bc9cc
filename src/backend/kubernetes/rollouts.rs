//! Argo Rollouts: canaries in steps and blue-green, as its controller and its plugin for
//! `kubectl` have them.
//!
//! Pure, all of it. Its objects are read through the same client and watch as every other
//! workload; what is sent is the plugin's patch and a `test` of what it was decided on.

pub mod analysis;
pub mod elsewhere;
pub mod goal;
pub mod plan;
pub mod restart;
pub mod row;
pub mod state;
pub mod steps;
pub mod undo;
