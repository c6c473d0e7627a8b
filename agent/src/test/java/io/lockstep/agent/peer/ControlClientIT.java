package io.lockstep.agent.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.agent.http.TestServer;
import io.lockstep.agent.http.TestServer.Greeting;
import io.lockstep.agent.peer.CallOutcome.Answered;
import io.lockstep.agent.peer.CallOutcome.Refused;
import io.lockstep.agent.peer.CallOutcome.TimedOut;
import io.lockstep.agent.peer.CallOutcome.Unreachable;
import io.lockstep.agent.tls.NodeIdentity;
import io.lockstep.agent.tls.TestIdentities;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each outcome of a call, against a real server. */
class ControlClientIT {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofSeconds(1);

    @TempDir
    private Path directory;

    private TestIdentities identities;
    private TestServer server;
    private PeerAddress gw1;
    private ControlClient client;

    @BeforeEach
    void start() throws IOException {
        identities = new TestIdentities(directory, "ours");
        server = new TestServer(identities.node("gw1"), TestServer.SMALL);
        gw1 = new PeerAddress("gw1", server.control());
        client = client(identities.node("gw2"), gw1);
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void answersAreMappedToRecords() throws Exception {
        assertThat(client.get(gw1, "/v1/whoami", Greeting.class, DEADLINE))
                .isInstanceOfSatisfying(
                        Answered.class, a -> assertThat(a.value()).isEqualTo(new Greeting("gw2")));
        assertThat(client.post(gw1, "/v1/echo", new Greeting("ä"), Greeting.class, DEADLINE))
                .isInstanceOfSatisfying(
                        Answered.class, a -> assertThat(a.value()).isEqualTo(new Greeting("ä")));
    }

    @Test
    void refusalsCarryThePeersWords() throws Exception {
        assertThat(client.get(gw1, "/v1/refuse", Greeting.class, DEADLINE))
                .isEqualTo(new Refused<>(409, "not now", "wait for it"));
    }

    @Test
    void answersThatAreTooLargeOrNotUnderstoodAreNoAnswers() throws Exception {
        assertThat(client.get(gw1, "/v1/large", Greeting.class, DEADLINE))
                .isEqualTo(new Refused<>(200, "the answer is larger than 50000 bytes", ""));
        assertThat(client.get(gw1, "/v1/garbage", Greeting.class, DEADLINE))
                .isInstanceOfSatisfying(
                        Refused.class, r -> assertThat(r.error()).startsWith("the answer is not a Greeting"));
        assertThat(client.get(gw1, "/v1/whoami", Integer.class, DEADLINE)).isInstanceOf(Refused.class);
    }

    @Test
    void theDeadlineHoldsForASilentAndForADrippingPeer() throws Exception {
        assertThat(client.get(gw1, "/v1/block", Greeting.class, SHORT)).isEqualTo(new TimedOut<>(SHORT));
        assertThat(client.get(gw1, "/v1/drip", Greeting.class, SHORT)).isEqualTo(new TimedOut<>(SHORT));
        // The call that was given up gave up its connection too, so that the peer notices.
        Awaitility.await().until(() -> server.resource.dripsEnded.get() == 1);
    }

    @Test
    void aPeerThatIsNotThereIsUnreachableWithWords() throws Exception {
        server.close();
        assertThat(client.get(gw1, "/v1/whoami", Greeting.class, DEADLINE))
                .isInstanceOfSatisfying(
                        Unreachable.class,
                        u -> assertThat(u.reason())
                                .contains("gw1 at https://127.0.0.1:")
                                .contains("check that its agent runs"));
    }

    @Test
    void anotherNodeThanExpectedGetsNoRequest() throws Exception {
        PeerAddress misnamed = new PeerAddress("gw3", server.control());
        try (ControlClient confused = client(identities.node("gw4"), misnamed)) {
            assertThat(confused.get(misnamed, "/v1/block", Greeting.class, DEADLINE))
                    .isInstanceOfSatisfying(
                            Unreachable.class, u -> assertThat(u.reason()).contains("is gw1, not gw3"));
        }
        assertThat(server.resource.blocked).hasValue(0);
    }

    @Test
    void aClosedClientReachesNobodyAndLeavesNoThread() throws Exception {
        client.get(gw1, "/v1/whoami", Greeting.class, DEADLINE);
        client.close();
        assertThat(client.get(gw1, "/v1/whoami", Greeting.class, DEADLINE)).isInstanceOf(Unreachable.class);
        Awaitility.await().until(() -> {
            // Before Java 21 the JDK's selector thread ends with the collection of its client.
            System.gc();
            return Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith("control-client-")
                            || thread.getName().contains("SelectorManager"));
        });
    }

    @Test
    void addressesAreHttpsWithAPortAndNothingElse() {
        for (String bad : List.of("http://gw1:1", "https://gw1", "https://gw1:1/x", "https://gw1:1/", "gw1:1")) {
            assertThatThrownBy(() -> new PeerAddress("gw1", URI.create(bad)))
                    .as(bad)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("https://HOST:PORT");
        }
    }

    private static ControlClient client(NodeIdentity identity, PeerAddress peer) {
        return new ControlClient(identity, List.of(peer), new ObjectMapper(), Clock.systemUTC(), 50_000);
    }
}
