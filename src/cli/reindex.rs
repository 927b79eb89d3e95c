//! `casebook reindex`: the search index made anew from the database.

use std::process::ExitCode;

use super::node::{Node, NodeOptions};
use super::progress::Progress;
use super::{Failed, runtime, say};
use crate::search::SearchIndex;
use crate::service::rebuild;
use crate::store::change;

/// Arguments of `casebook reindex`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    node: NodeOptions,
}

/// Rebuilds this folder's index, or asks the nodes that are running to rebuild theirs; they go on answering meanwhile.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failed> {
    let node = Node::visiting(&options.node)?;
    runtime()?.block_on(async {
        let database = node.database().await?;
        let Some(folder) = &node.folder else {
            let mut connection = database.connection().await.map_err(Failed::because("cannot reach the database"))?;
            change::ask_for_reindex(&mut connection).await.map_err(Failed::because("cannot ask for a rebuild"))?;
            say("asked the running nodes to rebuild their indexes; /readyz tells how far they are");
            return Ok(());
        };
        let (index, _opened) =
            SearchIndex::open(&folder.path().join("index")).map_err(Failed::because("cannot open the index folder"))?;
        let progress = std::sync::Mutex::new(Progress::new("indexing"));
        let show = |done, total| {
            if let Ok(mut progress) = progress.lock() {
                progress.set(done, total);
            }
        };
        rebuild::rebuild(&database, &index, show)
            .await
            .map_err(Failed::because("the rebuild stopped; the old index stays"))?;
        drop(progress);
        say(&format!("{} documents indexed", index.document_count()));
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}
