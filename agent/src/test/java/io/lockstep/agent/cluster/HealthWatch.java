package io.lockstep.agent.cluster;

import io.lockstep.agent.demo.DemoNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Asks every agent for its health all the time, as a load balancer does, one that gives up after a second; and
 * remembers what was not answered.
 */
final class HealthWatch implements AutoCloseable {
    /** What is promised: health answers within this, whatever the mount does. */
    private static final Duration PROMISED = Duration.ofSeconds(1);

    private static final int PAUSE_MILLIS = 100;
    private static final int MAX_FAILURES = 20;
    private static final List<String> PATHS = List.of("/live", "/ready", "/mount");

    private final Clock clock = Clock.systemUTC();
    private final ExecutorService calls;
    private final HttpClient client;
    private final ScheduledExecutorService threads;
    private final Set<String> down = ConcurrentHashMap.newKeySet();
    private final List<String> failures = new ArrayList<>();
    private Duration slowest = Duration.ZERO;
    private long answers;

    HealthWatch(List<DemoNode> nodes) {
        calls = Executors.newCachedThreadPool();
        client = HttpClient.newBuilder()
                .executor(calls)
                .connectTimeout(PROMISED)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
        threads = Executors.newScheduledThreadPool(nodes.size());
        for (var node : nodes) {
            var unused = threads.scheduleWithFixedDelay(() -> ask(node), 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** The agent is about to be stopped: it need not answer until {@link #isUp}. */
    void isDown(DemoNode node) {
        down.add(node.name());
    }

    void isUp(DemoNode node) {
        down.remove(node.name());
    }

    /** What was not answered in time. */
    synchronized List<String> failures() {
        return List.copyOf(failures);
    }

    synchronized String summary() {
        return answers + " health answers, the slowest after " + slowest.toMillis() + " ms";
    }

    private void ask(DemoNode node) {
        for (var path : PATHS) {
            var start = clock.instant();
            var problem = problem(node, path);
            var time = Duration.between(start, clock.instant());
            synchronized (this) {
                if (down.contains(node.name())) {
                    return;
                }
                answers++;
                slowest = time.compareTo(slowest) > 0 ? time : slowest;
                if (!problem.isEmpty() && failures.size() < MAX_FAILURES) {
                    failures.add(start + " " + node.name() + path + " after " + time.toMillis() + " ms: " + problem);
                }
            }
        }
    }

    private String problem(DemoNode node, String path) {
        var request = HttpRequest.newBuilder(URI.create(node.ops() + path))
                .timeout(PROMISED)
                .build();
        try {
            int status =
                    client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            return status == 200 || status == 503 ? "" : "status " + status;
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            // The watch ends: that is no failure of the agent.
            Thread.currentThread().interrupt();
            return "";
        }
    }

    @Override
    public void close() throws InterruptedException {
        threads.shutdownNow();
        calls.shutdownNow();
        if (!threads.awaitTermination(10, TimeUnit.SECONDS) || !calls.awaitTermination(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a thread of the watch does not end");
        }
    }
}
