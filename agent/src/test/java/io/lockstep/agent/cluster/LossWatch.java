package io.lockstep.agent.cluster;

import io.lockstep.agent.demo.DemoNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Looks all the time at what nodes serve and at the directory behind the share, and remembers each file that was
 * missing or had changed, if only for a moment. It never looks through a mount: it would hang with it.
 */
final class LossWatch implements AutoCloseable {
    private static final int PAUSE_MILLIS = 100;
    private static final int MAX_LOSSES = 20;

    private final Map<String, Path> trees = new TreeMap<>();
    private final List<DemoNode> nodes;
    private final Map<String, State> expected = new ConcurrentHashMap<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final List<String> losses = new ArrayList<>();
    private long looks;

    /** What a file is to a Gateway: it deploys anew whatever differs in one of these. */
    private record State(long sizeBytes, String mtime, int mode) {
        static State of(Path file) throws IOException {
            var found = Files.readAttributes(file, "unix:size,mode,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
            return new State(
                    (long) found.get("size"), found.get("lastModifiedTime").toString(), (int) found.get("mode"));
        }
    }

    /** Expects everywhere what is behind the share now. */
    LossWatch(Path behindTheShare, List<DemoNode> nodes) throws IOException {
        this.nodes = nodes;
        trees.put("the share", behindTheShare);
        nodes.forEach(node -> trees.put(node.name() + "'s replica", node.replica()));
        for (var path : SeenTree.look(behindTheShare).keySet()) {
            if (Files.isRegularFile(behindTheShare.resolve(path))) {
                expected.put(path, State.of(behindTheShare.resolve(path)));
            }
        }
        var unused = thread.scheduleWithFixedDelay(this::look, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The file is about to be changed by a Gateway. */
    void mayChange(String path) {
        expected.remove(path);
    }

    /** The files that were missing or had changed, and live paths that led nowhere. */
    synchronized List<String> losses() {
        return List.copyOf(losses);
    }

    synchronized String summary() {
        return looks + " looks at " + expected.size() + " files in " + trees.size() + " trees";
    }

    private void look() {
        trees.forEach((name, root) -> expected.forEach((path, before) -> {
            try {
                var state = State.of(root.resolve(path));
                if (!state.equals(before) && expected.containsKey(path)) {
                    lost(name + ": " + path + " is " + state);
                }
            } catch (NoSuchFileException e) {
                lost(name + ": " + path + " is missing");
            } catch (IOException e) {
                lost(name + ": " + e);
            }
        }));
        for (var node : nodes) {
            try {
                var target = Files.readSymbolicLink(node.live());
                if (!target.equals(node.mount()) && !target.equals(node.replica())) {
                    lost(node.name() + "'s live path leads to " + target);
                }
            } catch (IOException e) {
                lost(node.name() + "'s live path: " + e);
            }
        }
        synchronized (this) {
            looks++;
        }
    }

    private synchronized void lost(String what) {
        if (losses.size() < MAX_LOSSES && !losses.contains(what)) {
            losses.add(what);
        }
    }

    @Override
    public void close() throws InterruptedException {
        thread.shutdownNow();
        if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a thread of the watch does not end");
        }
    }
}
