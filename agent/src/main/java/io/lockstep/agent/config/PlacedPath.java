package io.lockstep.agent.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A directory of the agent and the key that placed it there. */
record PlacedPath(String key, Path path) {

    /** The directories of all trees and the node's state: no two of them may be equal or nested. */
    static List<PlacedPath> directories(AgentConfiguration configuration) {
        var placed = new ArrayList<PlacedPath>();
        placed.add(new PlacedPath("node.state", configuration.node().state()));
        for (int i = 0; i < configuration.trees().size(); i++) {
            var tree = configuration.trees().get(i);
            var key = "trees[" + i + "].";
            if (tree.flip() != FlipKind.NONE) {
                // Else it is the live path, as LayoutRules holds.
                localShare(tree).ifPresent(share -> placed.add(new PlacedPath(key + "share", share)));
            }
            placed.add(new PlacedPath(key + "live", tree.live()));
            placed.add(new PlacedPath(key + "replica", tree.replica()));
            placed.add(new PlacedPath(key + "work", tree.work()));
        }
        return placed;
    }

    /** The directory of this host that a share is; empty when it is on a server. */
    private static Optional<Path> localShare(TreeConfiguration tree) {
        if (tree.share() instanceof ShareLocation.Mounted mounted) {
            return Optional.of(mounted.path());
        }
        var uri = ((ShareLocation.Remote) tree.share()).uri();
        return ShareLocation.FILE.equals(uri.getScheme())
                        && tree.share().fault().isEmpty()
                ? Optional.of(Path.of(uri).normalize())
                : Optional.empty();
    }

    /** The files that say how to log in to shares; none of them may lie in a directory that others see either. */
    private static List<PlacedPath> credentials(AgentConfiguration configuration) {
        var placed = new ArrayList<PlacedPath>();
        for (int i = 0; i < configuration.trees().size(); i++) {
            var file = configuration.trees().get(i).credentials();
            if (file != null) {
                placed.add(new PlacedPath("trees[" + i + "].credentials", file));
            }
        }
        return placed;
    }

    /** The files of the node's identity; none of them may lie in a directory that others see. */
    static List<PlacedPath> tlsFiles(TlsConfiguration tls) {
        return List.of(
                new PlacedPath("control.tls.ca", tls.ca()),
                new PlacedPath("control.tls.certificate", tls.certificate()),
                new PlacedPath("control.tls.key", tls.key()));
    }

    /** Each forbidden overlap among the paths of {@code configuration} once {@code resolve} has been put on each. */
    static List<Problem> overlaps(AgentConfiguration configuration, UnaryOperator<PlacedPath> resolve) {
        var directories = directories(configuration).stream().map(resolve).toList();
        var files = Stream.concat(tlsFiles(configuration.control().tls()).stream(), credentials(configuration).stream())
                .map(resolve);
        var problems = new ArrayList<Problem>();
        for (int i = 0; i < directories.size(); i++) {
            for (int j = i + 1; j < directories.size(); j++) {
                directories.get(j).overlap(directories.get(i)).forEach(problems::add);
            }
        }
        files.flatMap(file -> directories.stream()
                        .filter(directory -> !directory.key().equals("node.state"))
                        .flatMap(file::overlap))
                .forEach(problems::add);
        return problems;
    }

    private Stream<Problem> overlap(PlacedPath other) {
        if (path.equals(other.path)) {
            return Stream.of(problem("is the same directory as " + other));
        }
        if (path.startsWith(other.path)) {
            return Stream.of(problem("lies inside " + other));
        }
        return other.path.startsWith(path) ? Stream.of(problem("contains " + other)) : Stream.empty();
    }

    private Problem problem(String how) {
        return new Problem(key, path + " " + how, "Give each a place of its own, none within another");
    }

    @Override
    public String toString() {
        return key + " (" + path + ")";
    }
}
