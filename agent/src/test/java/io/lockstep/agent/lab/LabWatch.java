package io.lockstep.agent.lab;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.agent.json.Json;
import io.lockstep.cluster.Reason;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What {@link LabAsker} heard of one agent: the latest answers, and whether any was too long in coming. */
final class LabWatch {
    private static final int MAX_CHANGES = 10_000;

    private final InstantSource clock;
    private final Map<String, Answer> latest = new TreeMap<>();
    private final Map<String, Integer> missing = new TreeMap<>();
    private final List<String> missed = new ArrayList<>();
    private final Deque<Change> changes = new ArrayDeque<>();
    private long slowestMillis;

    /** An answer that said something else than the one before it. */
    private record Change(String ask, Answer answer) {}

    private LabWatch(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * An answer.
     *
     * @param status 200 or 503; 0 when there was none within a second
     * @param at when it was heard
     */
    record Answer(int status, JsonNode body, Instant at) {
        String text(String field) {
            return body.path(field).asText("");
        }

        /** The name of the reason that it gives. */
        String reason() {
            return text("reason");
        }

        /** Whether nothing at all is to be said. */
        boolean isGood() {
            return status == HttpURLConnection.HTTP_OK && reason().equals(Reason.OK.name());
        }

        private boolean saysTheSameAs(Answer other) {
            return status == other.status && reason().equals(other.reason());
        }
    }

    /** Reads an asker's lines until they end, on a thread of its own. */
    static LabWatch over(String node, BufferedReader lines, InstantSource clock) {
        var watch = new LabWatch(clock);
        var thread = new Thread(() -> watch.read(lines), "watch-" + node);
        thread.setDaemon(true);
        thread.start();
        return watch;
    }

    private void read(BufferedReader lines) {
        try {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                heard(Json.mapper().readTree(line));
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private synchronized void heard(JsonNode line) {
        var ask = line.path("ask").asText();
        int status = line.path("status").asInt();
        var answer = new Answer(status, line.path("body"), clock.instant());
        var before = latest.put(ask, answer);
        if (before == null || !before.saysTheSameAs(answer)) {
            changes.addLast(new Change(ask, answer));
            if (changes.size() > MAX_CHANGES) {
                changes.removeFirst();
            }
        }
        if (status != 0) {
            missing.put(ask, 0);
            slowestMillis = Math.max(slowestMillis, line.path("millis").asLong());
        } else if (missing.merge(ask, 1, Integer::sum) == 2) {
            // One alone can be this machine's fault, which has many JVMs on few processors.
            missed.add(ask + ": " + line.path("body"));
        }
    }

    /** The latest answer to a path; empty before the first. */
    synchronized Optional<Answer> latest(String ask) {
        return Optional.ofNullable(latest.get(ask));
    }

    /** The answers since then that said something else than the one before them, in their order. */
    synchronized List<Answer> changesAfter(Instant since, String ask) {
        return changes.stream()
                .filter(change -> change.ask().equals(ask))
                .map(Change::answer)
                .filter(answer -> answer.at().isAfter(since))
                .toList();
    }

    /** From now on every answer counts. */
    synchronized void startCounting() {
        missing.clear();
        missed.clear();
        slowestMillis = 0;
    }

    /** Each time that two answers in a row were not there within a second, since counting started. */
    synchronized List<String> missed() {
        return List.copyOf(missed);
    }

    synchronized long slowestMillis() {
        return slowestMillis;
    }
}
