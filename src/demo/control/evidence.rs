//! `snapshot`: keeps what a region looked like at a moment: its deployments and
//! the metrics of its routers. A router that says nothing is evidence too.

use super::{say, status};
use crate::demo::failure::Failure;
use crate::demo::files;
use crate::demo::flags::Flags;
use crate::demo::layout::Layout;
use crate::demo::link::Pool;
use crate::demo::live::Ports;
use crate::demo::place::{Place, REGIONS, SERVICES};
use crate::demo::serve;
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;
use tokio::time::timeout;

/// How long a router may take to say its metrics.
const LIMIT: Duration = Duration::from_millis(1500);
/// Written last: what is there is whole.
const WHOLE: &str = "deployments.json";

/// `snapshot --key K [--env E]`; every region when none is named.
pub fn snapshot(layout: &Layout, flags: &Flags) -> Result<Value, Failure> {
    let regions: Vec<&str> = flags.get("env").map_or_else(|| REGIONS.to_vec(), |region| vec![region]);
    let places = regions.iter().flat_map(|region| SERVICES.map(|service| Place::new(service, region)));
    let places = places.collect::<Result<Vec<_>, _>>().map_err(Failure::refused)?;
    let directory = layout.evidence(flags.get("key").unwrap_or("by-hand"));
    fs::create_dir_all(&directory).map_err(Failure::io("cannot make a directory for the evidence"))?;
    let ports = Ports::load(layout)?;
    let mut silent = 0usize;
    for place in &places {
        let port = ports.router(place)?;
        let page = serve::block_on(async { Ok(timeout(LIMIT, Pool::new(port).get("/metrics")).await) })?;
        let Ok(Ok(page)) = page else {
            silent += 1;
            say(&format!("{place} says nothing"));
            continue;
        };
        fs::write(directory.join(format!("{place}.metrics")), &page.body)
            .map_err(Failure::io("cannot keep metrics"))?;
        say(&format!("{place}: {} bytes of metrics", page.body.len()));
    }
    let rows = places.iter().map(|place| status::row(layout, place)).collect::<Result<Vec<_>, _>>()?;
    files::write(&directory.join(WHOLE), &rows)?;
    let said = places.len() - silent;
    let mut summary = format!("evidence of {} kept: deployments and {said} metrics", regions.join(" and "));
    if silent > 0 {
        summary += &format!("; {silent} said nothing");
    }
    Ok(json!({ "summary": summary, "detail": { "kept_in": directory.display().to_string() } }))
}

/// Whether the evidence of a key is whole.
pub fn kept(layout: &Layout, key: &str) -> bool {
    layout.evidence(key).join(WHOLE).is_file()
}
