//! Argo CD: the adapter against a server that keeps state and checks every request.

mod broken;
mod contract;
mod docs;
mod ground;
mod images;
mod verbs;
mod watching;
mod words;
