package io.lockstep.agent.app;

import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.Findings;
import io.lockstep.agent.config.Problem;
import io.lockstep.agent.config.ShareLocation;
import io.lockstep.agent.config.ShareMarker;
import io.lockstep.agent.config.TreeConfiguration;
import io.lockstep.agent.vfs.LoginFile;
import io.lockstep.agent.vfs.RemoteSettings;
import io.lockstep.agent.vfs.RemoteTree;
import io.lockstep.agent.vfs.RemoteWatch;
import io.lockstep.cluster.Reason;
import io.lockstep.mount.Marker;
import io.lockstep.mount.MountRule;
import io.lockstep.mount.Probe;
import io.lockstep.mount.Sight;
import io.lockstep.mount.TreeSight;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks once at shares that are not mounted, for the command line. Each look has a deadline; one that doesn't end costs
 * a thread, which ends with the process.
 */
public final class RemoteShareLook {
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private RemoteShareLook() {}

    /**
     * What was found at the shares of a configuration.
     *
     * @param findings an unusable credentials file is an error; a share that is away or unmarked is a warning
     * @param good a sentence for each share that is as it should be
     */
    public record Found(Findings findings, List<String> good) {
        public Found {
            good = List.copyOf(good);
        }
    }

    /** Looks at every share of {@code configuration} that is not mounted. */
    public static Found check(AgentConfiguration configuration) throws InterruptedException {
        var errors = new ArrayList<Problem>();
        var warnings = new ArrayList<Problem>();
        var good = new ArrayList<String>();
        for (int i = 0; i < configuration.trees().size(); i++) {
            var tree = configuration.trees().get(i);
            if (!tree.share().isRemote()) {
                continue;
            }
            var key = "trees[" + i + "].";
            var refused = refusedLogin(tree);
            if (refused.isPresent()) {
                errors.add(new Problem(
                        key + "credentials",
                        refused.get().problem(),
                        refused.get().remedy()));
                continue;
            }
            var problem = look(tree, configuration);
            if (problem.isPresent()) {
                warnings.add(new Problem(
                        key + "share", problem.get().what(), problem.get().remedy()));
            } else {
                good.add("The share " + tree.share() + " answers: it has the known host key, lets the agent in, and its"
                        + " marker is of cluster " + configuration.cluster().id() + ".");
            }
        }
        return new Found(new Findings(errors, warnings), good);
    }

    private static Optional<LoginFile.Reading.Refused> refusedLogin(TreeConfiguration tree) {
        var file = tree.credentials();
        return file != null && LoginFile.read(file) instanceof LoginFile.Reading.Refused refused
                ? Optional.of(refused)
                : Optional.empty();
    }

    private static Optional<ShareLocation.Fault> look(TreeConfiguration tree, AgentConfiguration configuration)
            throws InterruptedException {
        var deadline = configuration.timing().shareDeadline();
        var remote = (ShareLocation.Remote) tree.share();
        var settings = new RemoteSettings(tree.name(), remote.uri(), Optional.ofNullable(tree.credentials()), deadline);
        try {
            var sight = within(deadline, () -> glance(settings));
            var verdict = judge(sight, configuration.cluster().id());
            if (verdict.reason() == Reason.OK) {
                return Optional.empty();
            }
            var remedy = verdict.reason() == Reason.MARKER_MISSING
                    ? "When this is the right share, run: lockstep setup --share " + tree.share() + " --cluster "
                            + configuration.cluster().id()
                            + (tree.credentials() == null ? "" : " --credentials " + tree.credentials())
                    : capitalized(verdict.reason().remedy());
            return Optional.of(new ShareLocation.Fault(
                    tree.share() + ": " + verdict.reason() + ", " + verdict.detail()
                            + "; until that is mended it counts as lost, and the node serves its replica",
                    remedy));
        } catch (IOException e) {
            return Optional.of(new ShareLocation.Fault(
                    tree.share() + ": " + e.getMessage(), "Look at the server and the network between"));
        }
    }

    private static String capitalized(String text) {
        return text.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + text.substring(1);
    }

    private static MountRule.Verdict judge(TreeSight sight, String clusterId) {
        return MountRule.judge(new Probe.Looked(List.of(sight)), clusterId);
    }

    private static RemoteTree connect(RemoteSettings settings) {
        return new RemoteTree(settings, RemoteShares.dot(), new MonotonicClock(), RemoteWatch.NONE);
    }

    private static TreeSight glance(RemoteSettings settings) {
        try (var tree = connect(settings)) {
            return tree.glance();
        }
    }

    /**
     * Marks a share as a cluster's. A marker that already has this id is left as it is.
     *
     * @return whether it was written now
     * @throws FileAlreadyExistsException when there is another cluster's marker, or a file that is no marker
     * @throws IOException when the share can't be written
     */
    public static boolean mark(ShareLocation.Remote share, Optional<Path> credentials, String clusterId)
            throws IOException, InterruptedException {
        var fault = share.fault();
        if (fault.isPresent()) {
            throw new IOException(
                    share + " " + fault.get().what() + ". " + fault.get().remedy());
        }
        if (ShareLocation.SFTP.equals(share.uri().getScheme()) && credentials.isEmpty()) {
            throw new IOException(share + " needs a login: name its file with --credentials");
        }
        var settings = new RemoteSettings("share", share.uri(), credentials, DEADLINE);
        return within(DEADLINE, () -> mark(settings, clusterId));
    }

    private static boolean mark(RemoteSettings settings, String clusterId) throws IOException {
        try (var tree = connect(settings)) {
            var marking = tree.mark(ShareMarker.newText(clusterId));
            if (marking instanceof RemoteTree.Marking.Refused refused) {
                throw new IOException("the share can't be marked: " + refused.detail());
            }
            // Two people may have written at the same time; only one content is left, and both see which.
            requireOurs(tree.glance(), settings, clusterId);
            return marking instanceof RemoteTree.Marking.Marked;
        }
    }

    private static void requireOurs(TreeSight sight, RemoteSettings settings, String clusterId) throws IOException {
        var verdict = judge(sight, clusterId);
        if (verdict.reason() == Reason.OK) {
            return;
        }
        var found = verdict.detail();
        boolean isOthers =
                sight.marker() instanceof Sight.Seen<Marker> || sight.marker() instanceof Sight.Refused<Marker>;
        if (isOthers) {
            throw new FileAlreadyExistsException(settings.uri() + "/" + ShareMarker.DIRECTORY, null, found);
        }
        throw new IOException(found);
    }

    /** What {@code call} gives, if it does within {@code deadline}. */
    private static <T> T within(Duration deadline, Callable<T> call) throws IOException, InterruptedException {
        var answer = new CompletableFuture<T>();
        var thread = new Thread(
                () -> {
                    try {
                        answer.complete(call.call());
                    } catch (Exception e) {
                        answer.completeExceptionally(e);
                    }
                },
                "lockstep-share-look");
        thread.setDaemon(true);
        thread.start();
        try {
            return answer.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("the server did not answer within " + deadline.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException refused) {
                throw refused;
            }
            throw new IllegalStateException("a look at the share failed", e.getCause());
        }
    }
}
