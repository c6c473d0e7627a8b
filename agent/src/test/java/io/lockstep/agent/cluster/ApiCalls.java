package io.lockstep.agent.cluster;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Calls the APIs of engines all the time, one after the other, and counts the calls that failed. */
final class ApiCalls implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int PAUSE_MILLIS = 100;
    private static final int MAX_FAILURES = 20;

    private final Clock clock = Clock.systemUTC();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient client = HttpClient.newBuilder()
            .executor(threads)
            .connectTimeout(PATIENCE)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    private final ScheduledExecutorService callers;
    private final List<String> failures = new ArrayList<>();
    private long calls;
    private long failed;

    /** Calls these APIs, which nobody changes, on each engine. */
    ApiCalls(List<GatewayEngine> engines, List<EngineApi> apis) {
        callers = Executors.newScheduledThreadPool(engines.size());
        for (var engine : engines) {
            var next = new int[1];
            var unused = callers.scheduleWithFixedDelay(
                    () -> call(engine, apis.get(next[0]++ % apis.size())), 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void call(GatewayEngine engine, EngineApi api) {
        var at = clock.instant();
        var answer = answer(client, engine, api);
        if (Thread.currentThread().isInterrupted()) {
            return;
        }
        synchronized (this) {
            calls++;
            if (!answer.startsWith("200 ")) {
                failed++;
                if (failures.size() < MAX_FAILURES) {
                    failures.add(at + " " + engine.url(api.context()) + ": " + answer);
                }
            }
        }
    }

    private static String answer(HttpClient client, GatewayEngine engine, EngineApi api) {
        var request = HttpRequest.newBuilder(URI.create(engine.url(api.context() + "/version")))
                .timeout(PATIENCE)
                .build();
        try {
            var response = client.send(request, HttpResponse.BodyHandlers.ofString());
            return response.statusCode() + " " + response.body();
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e.toString();
        }
    }

    /** The status and the body of one call; what went wrong when there was no answer. */
    String answer(GatewayEngine engine, EngineApi api) {
        return answer(client, engine, api);
    }

    synchronized long failed() {
        return failed;
    }

    synchronized String summary() {
        return failed + " of " + calls + " calls failed: " + failures;
    }

    @Override
    public void close() throws InterruptedException {
        callers.shutdownNow();
        threads.shutdownNow();
        if (!callers.awaitTermination(10, TimeUnit.SECONDS) || !threads.awaitTermination(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a thread of the calls does not end");
        }
    }
}
