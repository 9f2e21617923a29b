//! An HTTP server on loopback that answers as a test tells it, well or badly.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// What the server does with a request.
#[derive(Clone)]
pub enum Answer {
    /// Status 200 and this body.
    Body(Vec<u8>),
    /// Status 200, but the connection closes before this last byte of the body.
    BrokenOff(Vec<u8>),
    /// This status and no body.
    Status(u16),
    /// Status 200 and a body that goes on until the client leaves.
    WithoutEnd,
    /// Not a byte, on an open connection.
    Silence,
}

/// Serves until it is dropped.
pub struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    stop: Arc<Mutex<bool>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on a free port. `answer` gets the path of each request.
    pub fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
        let address = listener.local_addr().expect("it is bound");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(Mutex::new(false));
        let (log, stopped) = (Arc::clone(&requests), Arc::clone(&stop));
        let thread = thread::spawn(move || {
            // Dropped with this thread, which ends the silent connections.
            let (silent, open) = channel();
            for stream in listener.incoming() {
                if *stopped.lock().expect("no test panics with it") {
                    break;
                }
                let Ok(stream) = stream else { continue };
                // A client that leaves early is no fault of the server.
                let _ = serve(stream, &answer, &log, &silent);
            }
            drop(open);
        });
        Self {
            address,
            requests,
            stop,
            thread: Some(thread),
        }
    }

    /// The base address of this server.
    pub fn url(&self) -> String {
        format!("http://{}/mnist", self.address)
    }

    /// The paths asked for so far.
    pub fn requests(&self) -> Vec<String> {
        self.requests
            .lock()
            .expect("no test panics with it")
            .clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        *self.stop.lock().expect("no test panics with it") = true;
        // Wakes the thread from waiting for a client.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server does not panic");
        }
    }
}

/// A base address on loopback where nobody listens.
pub fn refused() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let address = listener.local_addr().expect("it is bound");
    format!("http://{address}/mnist")
}

fn serve(
    mut stream: TcpStream,
    answer: &impl Fn(&str) -> Answer,
    log: &Mutex<Vec<String>>,
    silent: &Sender<TcpStream>,
) -> std::io::Result<()> {
    let mut request = BufReader::new(stream.try_clone()?).lines();
    let line = request.next().unwrap_or_else(|| Ok(String::new()))?;
    // The headers must be read, or closing would reset the connection.
    for header in request {
        if header?.is_empty() {
            break;
        }
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let answer = answer(&path);
    log.lock().expect("no test panics with it").push(path);

    let head = |stream: &mut TcpStream, status: u16, length: usize| {
        write!(
            stream,
            "HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        )
    };
    match answer {
        Answer::Body(body) => {
            head(&mut stream, 200, body.len())?;
            stream.write_all(&body)
        }
        Answer::BrokenOff(body) => {
            head(&mut stream, 200, body.len())?;
            stream.write_all(&body[..body.len() - 1])
        }
        Answer::Status(status) => head(&mut stream, status, 0),
        Answer::WithoutEnd => {
            write!(stream, "HTTP/1.1 200 Said\r\nConnection: close\r\n\r\n")?;
            loop {
                stream.write_all(&[0; 4096])?;
            }
        }
        Answer::Silence => {
            // Kept open, so that only the client's patience can end it.
            let _ = silent.send(stream);
            Ok(())
        }
    }
}
