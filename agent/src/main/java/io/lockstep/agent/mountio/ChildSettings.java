package io.lockstep.agent.mountio;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that the child is told, right after the hello; it reads no configuration.
 *
 * @param node this node's name
 * @param threads that read directories and files of one scan
 * @param racyWindow see {@code scan.racyWindow}
 * @param deadline within which a call on a server has its answer or is given up; see {@code timing.shareDeadline}
 * @param pulse how often it tells how far a call is
 */
public record ChildSettings(
        String node,
        String clusterId,
        int threads,
        Duration racyWindow,
        Duration deadline,
        Duration pulse,
        List<Tree> trees) {
    private static final int MAX_TREES = 64;
    private static final int MAX_PATTERNS = 10_000;

    /** Whether the share is on a server: all trees' are, or none's. Asked without a class that only such a share needs. */
    public boolean isRemote() {
        return !trees.isEmpty() && !trees.get(0).share().startsWith("/");
    }

    /**
     * One tree.
     *
     * @param share the tree's directory on the share, as configured: a path, or the URI of one that is not mounted
     * @param credentials the file that says how to log in, which the child reads itself; empty where nothing logs in
     * @param work the directory of its stage, trash and conflict store
     * @param include see {@link io.lockstep.artifact.TreeFilter}, as are the next two
     */
    public record Tree(
            String name,
            String share,
            String credentials,
            String work,
            List<String> include,
            List<String> exclude,
            List<String> report) {
        public Tree {
            include = List.copyOf(include);
            exclude = List.copyOf(exclude);
            report = List.copyOf(report);
        }

        private void write(MessageOutput out) throws IOException {
            out.text(name);
            out.text(share);
            out.text(credentials);
            out.text(work);
            for (var patterns : List.of(include, exclude, report)) {
                out.i32(patterns.size());
                for (var pattern : patterns) {
                    out.text(pattern);
                }
            }
        }

        private static Tree read(MessageInput in) throws IOException {
            return new Tree(in.text(), in.text(), in.text(), in.text(), patterns(in), patterns(in), patterns(in));
        }

        private static List<String> patterns(MessageInput in) throws IOException {
            int count = in.count(MAX_PATTERNS);
            var patterns = new ArrayList<String>();
            for (int i = 0; i < count; i++) {
                patterns.add(in.text());
            }
            return patterns;
        }
    }

    public ChildSettings {
        trees = List.copyOf(trees);
    }

    void write(MessageOutput out) throws IOException {
        out.text(node);
        out.text(clusterId);
        out.i32(threads);
        out.i64(racyWindow.toNanos());
        out.i64(deadline.toNanos());
        out.i64(pulse.toNanos());
        out.i32(trees.size());
        for (var tree : trees) {
            tree.write(out);
        }
    }

    static ChildSettings read(MessageInput in) throws IOException {
        var node = in.text();
        var clusterId = in.text();
        int threads = in.count(1024);
        var racyWindow = Duration.ofNanos(in.i64());
        var deadline = Duration.ofNanos(in.i64());
        var pulse = Duration.ofNanos(in.i64());
        int count = in.count(MAX_TREES);
        var trees = new ArrayList<Tree>();
        for (int i = 0; i < count; i++) {
            trees.add(Tree.read(in));
        }
        return new ChildSettings(node, clusterId, threads, racyWindow, deadline, pulse, trees);
    }
}
