package io.lockstep.agent.config;

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
        for (int i = 0; i < configuration.trees().size(); i++) {
            check.checkTree("trees[" + i + "]", configuration.trees().get(i));
        }
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

    private void checkTree(String key, TreeConfiguration tree) {
        checkLive(key + ".live", tree);
        checkReplica(key + ".replica", tree.replica());
        requireCreatable(key + ".work", tree.work());
        checkWork(key + ".work", tree);
    }

    private void checkLive(String key, TreeConfiguration tree) {
        var live = tree.live();
        var parent = live.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            error(key, "the directory " + parent + " is not there", "Install the Gateway first, or correct the path");
            return;
        }
        if (!Files.isWritable(parent)) {
            error(
                    key,
                    parent + " can't be written, so the agent can't flip " + live,
                    "Give the agent's user write permission on it");
        }
        if (Files.isSymbolicLink(live)) {
            warnAboutForeignTarget(key, tree);
        } else if (Files.isDirectory(live, LinkOption.NOFOLLOW_LINKS)) {
            error(
                    key,
                    live + " is a directory, and the agent needs a symlink there",
                    "Lockstep moves nothing by itself. Stop the Gateway, compare the directory with " + tree.share()
                            + " and copy what is missing there, then run: mv " + live + " " + live
                            + ".before-lockstep" + linking(tree));
        } else if (Files.exists(live, LinkOption.NOFOLLOW_LINKS)) {
            error(
                    key,
                    live + " is neither a symlink nor absent",
                    "Move it away" + linking(tree).replace(" &&", ", then run:"));
        }
    }

    /** What makes the link; a share that is no directory here has the agent make it, once the replica is whole. */
    private static String linking(TreeConfiguration tree) {
        return tree.share().isRemote()
                ? ""
                : " && ln -s " + tree.mountedShare() + " " + tree.live();
    }

    private void warnAboutForeignTarget(String key, TreeConfiguration tree) {
        try {
            var live = tree.live();
            var target = live.resolveSibling(Files.readSymbolicLink(live)).normalize();
            boolean isShare = !tree.share().isRemote() && target.equals(tree.mountedShare());
            if (!isShare && !target.equals(tree.replica())) {
                warnings.add(new Problem(
                        key,
                        live + " points to " + target + ", neither the share nor the replica",
                        "Make sure that nothing is needed there: the agent flips the link to "
                                + (tree.share().isRemote() ? "" : tree.share() + " or ") + tree.replica()));
            }
        } catch (IOException e) {
            error(key, "the link can't be read: " + e.getMessage(), "Correct its permissions");
        }
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

    private void checkWork(String key, TreeConfiguration tree) {
        try {
            var work = LocalPaths.existing(tree.work());
            var replica = LocalPaths.existing(tree.replica());
            if (!Files.getAttribute(work, "unix:dev").equals(Files.getAttribute(replica, "unix:dev"))) {
                error(
                        key,
                        tree.work() + " is not on the file system of the replica " + tree.replica()
                                + ", so a file can't be renamed between them",
                        "Remove the line for the default beside the replica, or name a directory on its file system");
            }
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
