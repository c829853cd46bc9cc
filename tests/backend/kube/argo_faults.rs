//! To be written: argo_faults.
//! Nothing yet.
