//! The HTTP server: bound first, so that its addresses are known, then run until it is told to stop.

use std::any::Any;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Extensions, Server, ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};
use tracing_actix_web::{RootSpanBuilder, TracingLogger};

use super::edge::edge;
use super::limits::Patience;
use super::state::AppState;
use super::{hot, routes};

/// Where and how to listen.
#[derive(Debug, Clone)]
pub struct Listening {
    /// The addresses; port 0 takes any that is free.
    pub addresses: Vec<SocketAddr>,
    /// How many threads answer.
    pub workers: usize,
    /// How long to wait for the other end.
    pub patience: Patience,
}

/// A server that has its sockets and waits to be run.
#[must_use = "a server answers only while it is run"]
pub struct BoundServer {
    addresses: Vec<SocketAddr>,
    server: Server,
}

impl BoundServer {
    /// The addresses it listens on, with real ports.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// A handle to stop it with: `handle.stop(true)` stops accepting at once and gives requests under way 30 s.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Answers requests until the handle stops it. Signals are the caller's business.
    pub async fn run(self) -> io::Result<()> {
        self.server.await
    }
}

/// Takes the sockets. Must be called inside a tokio or actix runtime.
pub fn bind(state: AppState, listening: &Listening) -> io::Result<BoundServer> {
    let state = web::Data::new(state);
    let connections = Arc::<Connections>::default();
    let patience = listening.patience;
    let app = move || {
        App::new()
            .app_data(state.clone())
            .app_data(web::Data::new(patience))
            .wrap(from_fn(edge))
            .wrap(Compress::default())
            .wrap(TracingLogger::<RequestSpan>::new())
            .wrap(from_fn(hot::keep))
            .configure(routes::configure)
    };
    let server = HttpServer::new(app)
        .workers(listening.workers)
        .backlog(1024)
        .max_connections(4096)
        .keep_alive(Duration::from_secs(15))
        .client_request_timeout(patience.head)
        .client_disconnect_timeout(Duration::from_secs(2))
        .tcp_nodelay(true)
        .on_connect(move |connection, data| connections.admit(connection, data, patience.unread))
        .shutdown_timeout(30)
        .disable_signals()
        .bind(listening.addresses.as_slice())?;
    let addresses = server.addrs();
    Ok(BoundServer { addresses, server: server.run() })
}

/// How many connections each address has open. This machine's own are not counted: it could do worse to itself.
#[derive(Default)]
struct Connections {
    open: Mutex<HashMap<IpAddr, usize>>,
}

impl Connections {
    /// A browser opens six; a building behind one address opens more.
    const PER_ADDRESS: usize = 100;

    fn admit(self: &Arc<Self>, connection: &dyn Any, data: &mut Extensions, unread: Duration) {
        let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() else { return };
        // A reader that takes nothing of its answer would hold the connection for ever. The kernel gives up instead.
        if let Err(error) = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(unread)) {
            tracing::debug!(error = &error as &dyn std::error::Error, "no bound on slow readers here");
        }
        let Ok(peer) = stream.peer_addr() else { return };
        if !peer.ip().to_canonical().is_loopback() {
            data.insert(self.slot(peer.ip()));
        }
    }

    fn slot(self: &Arc<Self>, address: IpAddr) -> ConnectionSlot {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_default();
        *count += 1;
        ConnectionSlot { all: Arc::clone(self), address, number: *count }
    }
}

/// One open connection; it counts until it is dropped with it.
pub(super) struct ConnectionSlot {
    all: Arc<Connections>,
    address: IpAddr,
    number: usize,
}

impl ConnectionSlot {
    /// Whether its address had enough connections when this one was opened.
    pub(super) fn is_one_too_many(&self) -> bool {
        self.number > Connections::PER_ADDRESS
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut open = self.all.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

/// One span and one line for a request. Queries are left out: they can hold what somebody pasted.
struct RequestSpan;

/// When a request came in.
struct Arrival(std::time::Instant);

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> tracing::Span {
        use actix_web::HttpMessage;
        let mut extensions = request.extensions_mut();
        extensions.insert(Arrival(std::time::Instant::now()));
        let id = extensions.get::<tracing_actix_web::RequestId>().map(ToString::to_string).unwrap_or_default();
        tracing::info_span!("request", method = %request.method(), path = request.path(), id)
    }

    fn on_request_end<B: MessageBody>(span: tracing::Span, outcome: &Result<ServiceResponse<B>, actix_web::Error>) {
        use actix_web::HttpMessage;
        let (status, milliseconds) = match outcome {
            Ok(response) => {
                let arrival = response.request().extensions().get::<Arrival>().map(|arrival| arrival.0.elapsed());
                (response.status(), arrival.map(|elapsed| elapsed.as_secs_f64() * 1000.0))
            }
            Err(error) => (error.as_response_error().status_code(), None),
        };
        let _entered = span.enter();
        match milliseconds {
            Some(milliseconds) => tracing::info!(status = status.as_u16(), "answered in {milliseconds:.1} ms"),
            None => tracing::info!(status = status.as_u16(), "answered"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Connections;

    #[test]
    fn an_address_gets_so_many_connections_and_new_ones_when_old_ones_close() {
        let connections = Arc::<Connections>::default();
        let address = "192.0.2.7".parse().expect("an address");
        let mut slots: Vec<_> = (0..Connections::PER_ADDRESS).map(|_| connections.slot(address)).collect();
        assert!(slots.iter().all(|slot| !slot.is_one_too_many()));
        assert!(connections.slot(address).is_one_too_many());
        assert!(!connections.slot("192.0.2.8".parse().expect("an address")).is_one_too_many());
        slots.pop();
        assert!(!connections.slot(address).is_one_too_many());
        slots.clear();
        assert!(connections.open.lock().expect("whole").is_empty());
    }
}
