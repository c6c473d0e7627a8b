package io.lockstep.agent.config;

import io.lockstep.mount.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Holds a valid configuration against this host. Nothing is changed.
 *
 * <p>{@link #host} reads local paths only and never the share, not even through the live path's link, so that an
 * agent can call it while the share hangs. {@link ShareCheck} looks at the share itself.
 */
public final class ConfigurationCheck {
    private final AgentConfiguration configuration;
    private final String searchPath;
    private final List<Problem> errors = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    private ConfigurationCheck(AgentConfiguration configuration, String searchPath) {
        this.configuration = configuration;
        this.searchPath = searchPath;
    }

    /**
     * What this host lacks for {@code configuration}.
     *
     * @param searchPath the value of {@code PATH}, where commands are looked up
     */
    public static Findings host(AgentConfiguration configuration, String searchPath) {
        var check = new ConfigurationCheck(configuration, searchPath);
        check.checkState();
        check.checkTrees();
        check.checkResolvedOverlaps();
        check.checkOwnAddress();
        check.checkTls();
        check.checkRsync();
        return new Findings(check.errors, check.warnings);
    }

    private void error(String key, String what, String remedy) {
        errors.add(new Problem(key, what, remedy));
    }

    private void checkState() {
        requireCreatable("node.state", configuration.node().state());
    }

    /** A directory that the agent makes: what exists of it must be a directory that may be written. */
    private void requireCreatable(String key, Path directory) {
        var existing = LocalPaths.existing(directory);
        if (!Files.isDirectory(existing)) {
            error(
                    key,
                    directory + " can't be made: " + existing + " is not a directory",
                    "Name another directory, or move that file away");
        } else if (!Files.isWritable(existing)) {
            error(
                    key,
                    directory + " can't be " + (existing.equals(directory) ? "written" : "made in " + existing),
                    "Run: install -d -o <user of the agent> " + directory);
        }
    }

    private void checkTrees() {
        try {
            var mounts = new MountInfo().read();
            for (int i = 0; i < configuration.trees().size(); i++) {
                checkTree("trees[" + i + "]", configuration.trees().get(i), mounts);
            }
        } catch (IOException e) {
            error("trees", "the mount table can't be read: " + e.getMessage(), "Mount /proc");
        }
    }

    private void checkTree(String key, TreeConfiguration tree, MountTable mounts) {
        var layout = new LayoutCheck(key, tree, configuration.node().bindRequests(), mounts, errors, warnings);
        layout.check();
        checkReplica(key + ".replica", tree.replica());
        requireCreatable(key + ".work", tree.work());
        checkFileSystem(key + ".work", tree, layout);
    }

    private void checkReplica(String key, Path replica) {
        var parent = replica.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            error(key, "the directory " + parent + " is not there", "Run: install -d -o <user of the agent> " + parent);
        } else if (Files.exists(replica, LinkOption.NOFOLLOW_LINKS)
                && !Files.isDirectory(replica, LinkOption.NOFOLLOW_LINKS)) {
            error(key, replica + " is not a directory", "Move it away: the agent makes the directory");
        } else {
            requireCreatable(key, replica);
        }
    }

    private void checkFileSystem(String key, TreeConfiguration tree, LayoutCheck layout) {
        try {
            var work = LocalPaths.existing(tree.work());
            var replica = LocalPaths.existing(tree.replica());
            if (Files.getAttribute(work, "unix:dev").equals(Files.getAttribute(replica, "unix:dev"))) {
                layout.checkMounts(work.toRealPath(), replica.toRealPath());
                return;
            }
            error(
                    key,
                    tree.work() + " is not on the file system of the replica " + tree.replica()
                            + ", so a file can't be renamed between them",
                    "Remove the line for the default beside the replica, or name a directory on its file system");
        } catch (IOException e) {
            error(key, "the file system can't be asked: " + e.getMessage(), "Correct the permissions above it");
        }
    }

    /** Only what the text alone doesn't show: {@link ConfigurationRules} has refused the others. */
    private void checkResolvedOverlaps() {
        errors.addAll(PlacedPath.overlaps(
                configuration,
                placed -> placed.key().endsWith(".share")
                        ? placed
                        : new PlacedPath(placed.key(), LocalPaths.resolved(placed.path()))));
    }

    private void checkOwnAddress() {
        var members = configuration.cluster().members();
        var self = configuration.self();
        if (self.control().getPort() != configuration.control().port()) {
            warnings.add(new Problem(
                    "cluster.members[" + members.indexOf(self) + "].control",
                    "peers are told port " + self.control().getPort() + ", and this node listens on control.port "
                            + configuration.control().port(),
                    "Make them equal, unless something forwards the one to the other"));
        }
    }

    private void checkTls() {
        var tls = configuration.control().tls();
        for (var file : PlacedPath.tlsFiles(tls)) {
            if (!Files.isRegularFile(file.path())) {
                error(
                        file.key(),
                        file.path() + " is not there",
                        "Make it with 'lockstep setup --dir', or correct the path");
            } else if (!Files.isReadable(file.path())) {
                error(file.key(), file.path() + " can't be read", "Run: chown <user of the agent> " + file.path());
            }
        }
        if (Files.isRegularFile(tls.key())) {
            checkKeyPermissions(tls.key());
        }
    }

    private void checkKeyPermissions(Path key) {
        try {
            var permissions = Files.getPosixFilePermissions(key);
            if (permissions.contains(PosixFilePermission.OTHERS_READ)
                    || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
                error(
                        "control.tls.key",
                        key + " can be read or written by every user of this host",
                        "Run: chmod 600 " + key);
            }
        } catch (IOException e) {
            error("control.tls.key", "its permissions can't be read: " + e.getMessage(), "Correct the path");
        }
    }

    private void checkRsync() {
        var command = configuration.rsync().command();
        var places = command.contains("/")
                ? Stream.of(Path.of(command))
                : Stream.of(searchPath.split(":", -1))
                        .filter(directory -> !directory.isEmpty())
                        .map(directory -> Path.of(directory, command));
        if (places.noneMatch(place -> Files.isRegularFile(place) && Files.isExecutable(place))) {
            error(
                    "rsync.command",
                    "'" + command + "' is not " + (command.contains("/") ? "an executable file" : "found in PATH"),
                    "Install rsync (Debian: apt-get install rsync; Red Hat: dnf install rsync), or name its path");
        }
    }
}
