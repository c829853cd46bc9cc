//! To be written: argo_watch.
//! Nothing yet.
