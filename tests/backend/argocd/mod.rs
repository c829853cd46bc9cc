//! Argo CD: the adapter against a server that keeps state and checks every request.

mod actions;
mod anew;
mod broken;
mod calendar;
mod contract;
mod docs;
mod drift;
mod expansion;
pub mod ground;
mod images;
mod matrix;
mod partial;
mod snapshots;
mod verbs;
mod watching;
mod way;
mod words;
