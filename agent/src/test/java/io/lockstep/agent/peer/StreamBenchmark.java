package io.lockstep.agent.peer;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.agent.http.HttpLimits;
import io.lockstep.agent.http.StreamHead;
import io.lockstep.agent.http.StreamService;
import io.lockstep.agent.http.TestServer;
import io.lockstep.agent.tls.NodeIdentity;
import io.lockstep.agent.tls.TestIdentities;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.apache.commons.io.file.PathUtils;

/** Measures raw streams on loopback, client and server in one warmed-up JVM: 100 MB each way, 1000 ping-pongs, opens. */
public final class StreamBenchmark {
    private static final int BYTES = 100_000_000;
    private static final int PINGS = 1000;
    private static final int ROUNDS = 5;

    private StreamBenchmark() {}

    private static final class Served implements StreamService {
        @Override
        public void admit(StreamHead head) {}

        @Override
        public void serve(StreamHead head, byte[] payload, InputStream in, OutputStream out) throws IOException {
            switch (head.query().getOrDefault("do", "")) {
                case "sink" -> {
                    in.transferTo(OutputStream.nullOutputStream());
                    out.write(1);
                }
                case "source" -> send(out);
                default -> in.transferTo(out);
            }
        }
    }

    public static void main(String[] args) throws Exception {
        Path directory = Files.createTempDirectory("stream-benchmark");
        TestIdentities identities = new TestIdentities(directory, "bench");
        NodeIdentity gw2 = identities.node("gw2");
        try (TestServer server = new TestServer(identities.node("gw1"), HttpLimits.defaults(), new Served())) {
            PeerAddress gw1 = new PeerAddress("gw1", server.control());
            StreamClient client = new StreamClient(gw2, new ObjectMapper(), "lockstep-rsync");
            for (int round = 1; round <= ROUNDS; round++) {
                report(round, "to server", measure(client, gw1, "sink"));
                report(round, "from server", measure(client, gw1, "source"));
                report(round, "1000 pings", measure(client, gw1, "ping"));
                report(round, "open+close", measure(client, gw1, "open"));
            }
        } finally {
            PathUtils.deleteDirectory(directory);
        }
    }

    private static double measure(StreamClient client, PeerAddress peer, String what) throws IOException {
        long start = System.nanoTime();
        Duration timeout = Duration.ofSeconds(30);
        try (StreamClient.Stream stream = client.open(peer, "/v1/rsync?do=" + what, new byte[100], timeout, timeout)) {
            switch (what) {
                case "sink" -> {
                    send(stream.output());
                    stream.output().close();
                    stream.input().readAllBytes();
                }
                case "source" -> stream.input().transferTo(OutputStream.nullOutputStream());
                case "ping" -> {
                    for (int i = 0; i < PINGS; i++) {
                        stream.output().write(i);
                        if (stream.input().read() != (i & 0xff)) {
                            throw new IOException("a ping came back wrong");
                        }
                    }
                }
                default -> stream.output().close();
            }
        }
        return (System.nanoTime() - start) / 1e6;
    }

    private static void send(OutputStream out) throws IOException {
        byte[] block = new byte[32 << 10];
        for (int sent = 0; sent < BYTES; sent += block.length) {
            out.write(block, 0, Math.min(block.length, BYTES - sent));
        }
    }

    private static void report(int round, String what, double millis) {
        System.out.printf(Locale.ROOT, "round=%d what=%s ms=%.1f%n", round, what.replace(' ', '-'), millis);
    }
}
