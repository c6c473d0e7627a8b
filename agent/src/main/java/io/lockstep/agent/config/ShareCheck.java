package io.lockstep.agent.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks at the shares of a configuration. Each look has the configured deadline; a share that doesn't answer is a
 * warning and costs one thread, which ends with the process.
 *
 * <p>For the command line. An agent learns the same from its scans and starts without it.
 */
public final class ShareCheck {
    private final AgentConfiguration configuration;
    private final List<Problem> errors = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    private ShareCheck(AgentConfiguration configuration) {
        this.configuration = configuration;
    }

    private record Sight(ShareMarker.Look look, Path realPath) {}

    /**
     * A share that is away or unmarked is a warning; one that overlaps another directory is an error. One that is not
     * mounted is looked at by others.
     */
    public static Findings shares(AgentConfiguration configuration) throws InterruptedException {
        var check = new ShareCheck(configuration);
        for (int i = 0; i < configuration.trees().size(); i++) {
            var tree = configuration.trees().get(i);
            if (!tree.share().isRemote()) {
                check.look("trees[" + i + "].share", tree);
            }
        }
        return new Findings(check.errors, check.warnings);
    }

    private void look(String key, TreeConfiguration tree) throws InterruptedException {
        var deadline = configuration.timing().shareDeadline();
        var answer = new CompletableFuture<Sight>();
        var thread = new Thread(() -> answerWith(answer, tree), "lockstep-share-check");
        thread.setDaemon(true);
        thread.start();
        try {
            var sight = answer.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
            judge(key, tree, sight.look());
            checkOverlaps(key, sight.realPath());
        } catch (TimeoutException e) {
            warnings.add(new Problem(
                    key,
                    tree.share() + " did not answer within " + DurationText.format(deadline),
                    "Look at the mount (findmnt -T " + tree.share() + ") and at its server"));
        } catch (ExecutionException e) {
            warnings.add(new Problem(key, "can't be looked at: " + e.getCause(), "Look at the mount"));
        }
    }

    private static void answerWith(CompletableFuture<Sight> answer, TreeConfiguration tree) {
        try {
            var look = tree.marker().look();
            var real = look instanceof ShareMarker.Look.NoShare
                    ? tree.mountedShare()
                    : tree.mountedShare().toRealPath();
            answer.complete(new Sight(look, real));
        } catch (IOException | RuntimeException e) {
            answer.completeExceptionally(e);
        }
    }

    private void judge(String key, TreeConfiguration tree, ShareMarker.Look look) {
        var id = configuration.cluster().id();
        var setup = "lockstep setup --share " + tree.share() + " --cluster " + id;
        if (look instanceof ShareMarker.Look.NoShare) {
            warn(key, tree.share() + " is not there", "Mount the share. Until then the node serves its replica");
        } else if (look instanceof ShareMarker.Look.Absent) {
            warn(
                    key,
                    tree.marker().file() + " is not there, so the share counts as lost",
                    "When this is the right share, run: " + setup);
        } else if (look instanceof ShareMarker.Look.Unreadable unreadable) {
            warn(
                    key,
                    tree.marker().file() + " can't be read: " + unreadable.reason(),
                    "Look at the mount; a damaged marker: remove it and run: " + setup);
        } else if (look instanceof ShareMarker.Look.Present present
                && !present.clusterId().equals(id)) {
            warn(
                    key,
                    tree.share() + " belongs to cluster '" + present.clusterId() + "' and not to '" + id
                            + "', so it counts as lost",
                    "Mount this cluster's share, or correct cluster.id");
        }
    }

    private void warn(String key, String what, String remedy) {
        warnings.add(new Problem(key, what, remedy));
    }

    private void checkOverlaps(String key, Path realPath) {
        PlacedPath.overlaps(
                        configuration,
                        placed -> placed.key().equals(key)
                                ? new PlacedPath(key, realPath)
                                : new PlacedPath(placed.key(), LocalPaths.resolved(placed.path())))
                .stream()
                .filter(problem -> problem.key().equals(key) || problem.what().contains(key))
                .forEach(errors::add);
    }
}
