//! Every trial of the kit in its order, with what the page says of each.
//!
//! What a trial does is in the file that it is called from.

use super::super::super::Topic;
use super::super::message::{Deed, Program, Welcome};
use super::{CANCEL, Came, KILLED, LATE, Run, Tried, deeds, fuzz, left, talk, watches};

impl<F: FnMut(Tried)> Run<'_, F> {
    /// Tries everything; says whom it tried, if it greeted.
    pub async fn all(&mut self) -> Program {
        const GREETING: &str = "answers within 10 s with protocol, cookie, plugin and capabilities";
        let (welcome, came) = match talk::greeting(self.trial).await {
            Ok((_, welcome, came)) => (welcome, came),
            Err(why) => {
                self.told("initialize", GREETING, Some(Err(why)));
                return Program::default();
            }
        };
        self.told("initialize", GREETING, Some(Ok(came)));
        self.wire().await;
        self.careless().await;
        self.topics(&welcome).await;
        self.operations(&welcome).await;
        let came = talk::shutdown(self.trial).await;
        self.told("shutdown", "answered; ends with exit 0 within 2 s", Some(came));
        let came = talk::hang_up(self.trial).await;
        self.told("end of input", "ends within 2 s", Some(came));
        welcome.plugin
    }

    async fn wire(&mut self) {
        let trial = self.trial;
        let page = "says how it is used on standard error and ends with exit 64";
        self.told("started by hand, without the cookie", page, Some(talk::by_hand(trial).await));
        let page = "error -32001 with min and max in data";
        self.told("initialize with protocols 999 to 999", page, Some(talk::no_protocol(trial).await));
        self.told("a method that there is not", "error -32601", Some(talk::no_method(trial).await));
        self.told("keys that nobody knows", "ignored", Some(talk::more_keys(trial).await));
        self.told("_meta with keys that nobody knows", "no harm", Some(left::more_meta(trial).await));
        self.told("ids that are large, or texts", "sent back as they came", Some(talk::ids(trial).await));
        self.told("a message byte by byte", "understood", Some(talk::byte_by_byte(trial).await));
        self.told("a message in pieces, slowly", "understood", Some(fuzz::slowly(trial).await));
        self.told("fifty messages in one write", "all answered", Some(talk::merged(trial).await));
    }

    async fn careless(&mut self) {
        let trial = self.trial;
        let page = "passed over; what follows is answered";
        self.told("lines that are no messages", page, Some(talk::garbage(trial).await));
        let page = "every message among it is answered";
        self.told("random pieces and rubbish between", page, Some(fuzz::pieces(trial).await));
        self.told("a flood of notifications about nothing", "passed over", Some(fuzz::about_nothing(trial).await));
        self.told("300 pings to one who reads late", "all answered", Some(talk::late(trial).await));
    }

    async fn topics(&mut self, welcome: &Welcome) {
        let trial = self.trial;
        for topic in [Topic::Deployments, Topic::Signals, Topic::Alerts, Topic::Windows] {
            let (topic, what) = (topic.name(), format!("watch:{}", topic.name()));
            if welcome.capabilities.contains_key(&what) {
                let page = "begin … end, then changes or heartbeats; seq 1, 2, 3, …; quiet after watch/stop";
                self.told(&what, page, Some(watches::watch(trial, topic).await));
                let (what, page) = (what + ", and no acknowledgements", "at most 256 events until the first watch/ack");
                self.told(&what, page, Some(watches::credit(trial, topic).await));
            }
        }
    }

    async fn operations(&mut self, welcome: &Welcome) {
        let (trial, deed) = (self.trial, self.trial.operation.as_ref());
        let page = "error -32014, -32601 or -32602";
        self.told("perform of a verb that is not offered", page, Some(deeds::not_offered(trial, welcome).await));
        if welcome.capabilities.contains_key("probe") {
            let came = deeds::never_was(trial, welcome).await;
            self.told("probe of a key that never was", "not applied, or unknown", Some(came));
            let came = left::probe(trial, welcome).await;
            self.told(
                "probe with little time left",
                "answered by deadlineMs, or else when it is cancelled then",
                Some(came),
            );
        }
        let page = "obstacles, what is not known, effects and what is lost; or -32601";
        self.told("preview", page, maybe(deed, |deed| deeds::preview(trial, deed)).await);
        let page = "the ping is answered within 5 s, the operation in the end";
        self.told("perform, and a ping meanwhile", page, maybe(deed, |deed| deeds::perform(trial, deed)).await);
        let page = "the same summary and detail, from the next process too; what was done is not seen";
        self.told("perform of the same key again", page, maybe(deed, |deed| deeds::again(trial, deed)).await);
        let page = "answered by deadlineMs with what is known, or else when it is cancelled then";
        self.told(LATE, page, maybe(deed, |deed| left::late(trial, deed)).await);
        let page = "a result or an error within 2 s";
        self.told(CANCEL, page, maybe(deed, |deed| deeds::cancel(trial, deed)).await);
        self.told(KILLED, "a finding of the next process", maybe(deed, |deed| deeds::killed(trial, deed)).await);
    }
}

async fn maybe<'a, F: Future<Output = Came>>(deed: Option<&'a Deed>, run: impl FnOnce(&'a Deed) -> F) -> Option<Came> {
    match deed {
        Some(deed) => Some(run(deed).await),
        None => None,
    }
}
