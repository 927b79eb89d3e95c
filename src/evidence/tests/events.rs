//! Events are read out of the tables that kubectl prints.

use super::read;
use crate::evidence::Event;

fn short(events: &[Event]) -> Vec<String> {
    events
        .iter()
        .map(|event| {
            let object = event.object.as_deref().unwrap_or("-");
            format!(
                "{:?} {} x{} {object}@{}: {}",
                event.event_type, event.reason, event.count, event.line, event.message
            )
        })
        .collect()
}

const DESCRIBED: &str = "\
Name:             web-1
Namespace:        default
Conditions:
  Type           Status
  PodScheduled   False
Events:
  Type     Reason            Age                 From               Message
  ----     ------            ----                ----               -------
  Warning  FailedScheduling  2m (x3 over 5m10s)  default-scheduler  0/3 nodes are available: 3 Insufficient cpu.
  Normal   Pulled            <unknown>           kubelet, node-1    Container image \"x\"  already present
  Warning  Failed            4s                  kubelet            Error: failed
    to start container

That was all.
";

#[test]
fn the_table_of_describe_is_read() {
    let signals = read(DESCRIBED);
    assert_eq!(
        short(&signals.events),
        [
            "Warning FailedScheduling x3 web-1@9: 0/3 nodes are available: 3 Insufficient cpu.",
            "Normal Pulled x1 web-1@10: Container image \"x\"  already present",
            "Warning Failed x1 web-1@11: Error: failed\nto start container",
        ]
    );
    assert!(DESCRIBED[signals.events[2].span.clone()].ends_with("container"));
}

#[test]
fn the_tables_of_get_events_are_read() {
    let plain = "\
LAST SEEN   TYPE      REASON             OBJECT          MESSAGE
2m14s       Warning   FailedScheduling   pod/web-1       0/3 nodes are available
5s          Normal    Scheduled          pod/web-2       Successfully assigned default/web-2 to a
";
    assert_eq!(
        short(&read(plain).events),
        [
            "Warning FailedScheduling x1 pod/web-1@2: 0/3 nodes are available",
            "Normal Scheduled x1 pod/web-2@3: Successfully assigned default/web-2 to a",
        ]
    );
    let wide = "\
NAMESPACE   LAST SEEN   TYPE      REASON    OBJECT      SUBOBJECT                SOURCE            MESSAGE        FIRST SEEN   COUNT   NAME
prod        2m          Warning   BackOff   pod/web-1   spec.containers{web}     kubelet, node-1   Back-off it    5m           12      web-1.17
prod        2m          Warning   Evicted   pod/web-2                            kubelet, node-1   Out of disk    5m           1       web-2.17
";
    assert_eq!(
        short(&read(wide).events),
        ["Warning BackOff x12 pod/web-1@2: Back-off it", "Warning Evicted x1 pod/web-2@3: Out of disk"]
    );
}

#[test]
fn rows_without_their_head_are_read() {
    let rows = "prod   2m14s   Warning   FailedMount   pod/web-1   MountVolume.SetUp failed\n\
                5m (x2)  Warning: nothing\n  Warning  BackOff  2m (x3 over 5m)  kubelet  Back-off restarting\n";
    assert_eq!(
        short(&read(rows).events),
        ["Warning FailedMount x1 pod/web-1@1: MountVolume.SetUp failed", "Warning BackOff x3 -@3: Back-off restarting"]
    );
    assert!(read("Warning: this is Normal\nthe Warning  was  ignored\n").events.is_empty());
}

#[test]
fn objects_of_kind_event_are_events() {
    let yaml = "apiVersion: v1\nkind: Event\ntype: Warning\nreason: BackOff\nmessage: Back-off\ncount: 7\ninvolvedObject:\n  \
                kind: Pod\n  name: web-1\n";
    assert_eq!(short(&read(yaml).events), ["Warning BackOff x7 pod/web-1@1: Back-off"]);
}
