//! Threads that do what they are handed, in its order, each with something of its own: a connection to a file waits for the disk.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::{io, mem};

use tokio::sync::oneshot;

use crate::adapter::stage::lock;

type Order<T> = Box<dyn FnOnce(&mut T) + Send>;

/// So many threads, one for each thing of its own. They end when it is dropped, which waits for them.
pub struct Clerk<T> {
    /// None while it is dropped.
    orders: Option<Sender<Order<T>>>,
    threads: Vec<JoinHandle<()>>,
}

impl<T: Send + 'static> Clerk<T> {
    /// # Errors
    /// The system gives no more threads.
    pub fn hire(name: &str, all: impl IntoIterator<Item = T>) -> io::Result<Self> {
        let (orders, received) = mpsc::channel();
        let received = Arc::new(Mutex::new(received));
        let hire = |own| {
            let received = Arc::clone(&received);
            thread::Builder::new().name(name.to_owned()).spawn(move || work(&received, own))
        };
        let threads = all.into_iter().map(hire).collect::<io::Result<_>>()?;
        Ok(Self { orders: Some(orders), threads })
    }

    /// Has something done; None where the thread that should have done it has ended.
    ///
    /// It is done even where nobody waits for the answer any more.
    pub async fn ask<A: Send + 'static>(&self, order: impl FnOnce(&mut T) -> A + Send + 'static) -> Option<A> {
        let (answer, answered) = oneshot::channel();
        let order: Order<T> = Box::new(move |own| drop(answer.send(order(own))));
        self.orders.as_ref()?.send(order).ok()?;
        answered.await.ok()
    }
}

fn work<T>(received: &Mutex<Receiver<Order<T>>>, mut own: T) {
    loop {
        // Who waits here lets the others wait at the lock, which is the same.
        let order = lock(received).recv();
        let Ok(order) = order else { return };
        order(&mut own);
    }
}

impl<T> Drop for Clerk<T> {
    fn drop(&mut self) {
        drop(self.orders.take());
        for thread in mem::take(&mut self.threads) {
            // A thread that panicked has answered nobody, which was told then.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::Clerk;

    #[tokio::test]
    async fn one_clerk_does_one_thing_after_another() {
        let clerk = Clerk::hire("test", [Vec::new()]).unwrap();
        let all = futures::future::join_all((0..100).map(|number| clerk.ask(move |seen| seen.push(number)))).await;
        assert!(all.iter().all(Option::is_some));
        assert_eq!(clerk.ask(|seen| seen.clone()).await, Some((0..100).collect::<Vec<_>>()));
    }

    #[tokio::test]
    async fn of_two_clerks_one_is_free_while_the_other_works() {
        let clerk = Clerk::hire("test", [(), ()]).unwrap();
        let (go_on, wait) = mpsc::channel::<()>();
        let long = clerk.ask(move |()| wait.recv().is_ok());
        let short = async {
            assert_eq!(clerk.ask(|()| 7).await, Some(7));
            go_on.send(()).unwrap();
        };
        assert_eq!(futures::future::join(long, short).await.0, Some(true));
    }

    #[tokio::test]
    async fn a_clerk_that_fell_is_told() {
        let clerk = Clerk::hire("test", [()]).unwrap();
        assert_eq!(clerk.ask(|()| panic!("a defect")).await, None::<()>);
        assert_eq!(clerk.ask(|()| 1).await, None);
    }
}
