package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.demo.DemoNode;
import io.lockstep.agent.faulty.FaultyMounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** How a node of a test is laid out: where its share is mounted, and how its Gateway is led to it. */
enum NodeLayout {
    /** A link to the mount or to a replica elsewhere. */
    LINK {
        @Override
        Path mountpoint(DemoNode node) {
            return node.mount();
        }

        @Override
        Path share(DemoNode node) {
            return node.mount();
        }
    },
    /** A link, and the replica beneath the mountpoint: an unmount uncovers it. */
    LINK_OVER_REPLICA {
        @Override
        Path mountpoint(DemoNode node) {
            return node.mount().resolve("server");
        }

        @Override
        Path share(DemoNode node) {
            return mountpoint(node);
        }

        @Override
        Optional<Path> covered(DemoNode node) {
            return Optional.of(node.mount());
        }
    },
    /** A directory, the replica, over which the root helper binds the share. */
    BIND {
        @Override
        Path mountpoint(DemoNode node) {
            return node.mount();
        }

        @Override
        Path share(DemoNode node) {
            return node.mount();
        }

        @Override
        Optional<Path> covered(DemoNode node) {
            return Optional.of(node.live().toAbsolutePath().getParent());
        }
    };

    abstract Path mountpoint(DemoNode node);

    abstract Path share(DemoNode node);

    /** The directory whose private bind has the replica; the replica's directory is that bind's place. */
    Optional<Path> covered(DemoNode node) {
        return Optional.empty();
    }

    static Path requests(DemoNode node) {
        return home(node).resolve("run/bind");
    }

    private static Path home(DemoNode node) {
        return node.configuration().toAbsolutePath().getParent();
    }

    /** What the node's configuration must say. */
    String configuration(DemoNode node, Path backing, String text) {
        var share = "    share: '" + share(node) + "'\n    mount: {point: '" + mountpoint(node)
                + "', type: fuse.faulty, source: '" + FaultyMounts.source(backing) + "'}";
        var changed = text.replaceFirst("(?m)^    share: .*$", share);
        assertThat(changed).contains(share);
        if (this != BIND) {
            return changed;
        }
        var requests = "state: '" + home(node).resolve("state") + "', bindRequests: '" + requests(node) + "'";
        var bound = changed.replace("state: '" + home(node).resolve("state") + "'", requests)
                .replaceFirst("(?m)^    replica: .*$", "$0\n    flip: bind");
        assertThat(bound).contains(requests, "flip: bind");
        return bound;
    }

    /** Starts the root helper, which makes the underlay and, where the layout is {@link #BIND}, takes requests. */
    Optional<Process> startHelper(DemoNode node) throws IOException {
        if (covered(node).isEmpty()) {
            return Optional.empty();
        }
        var home = home(node);
        Files.createDirectories(home.resolve("run"));
        Files.createDirectories(covered(node).get().resolve("server"));
        var tree = this == BIND ? "tree server " + share(node) + " " + node.live() + "\n" : "";
        var conf = Files.writeString(
                home.resolve("bind.conf"),
                "underlay " + covered(node).get() + " " + node.replica().getParent() + "\n" + tree);
        var helper = new ProcessBuilder(
                        "bash",
                        program().toString(),
                        "serve",
                        conf.toString(),
                        requests(node).toString())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("bind.log").toFile())
                .start();
        return Optional.of(helper);
    }

    static boolean isServing(DemoNode node) throws IOException {
        var log = home(node).resolve("bind.log");
        return Files.exists(log) && Files.readString(log).contains("serving");
    }

    /** Of this checkout, whatever directory of it the tests run in. */
    private static Path program() {
        for (var above = Path.of("").toAbsolutePath(); above != null; above = above.getParent()) {
            var found = above.resolve("systemd/lockstep-bind");
            if (Files.exists(found)) {
                return found;
            }
        }
        throw new IllegalStateException("systemd/lockstep-bind is not there");
    }
}
