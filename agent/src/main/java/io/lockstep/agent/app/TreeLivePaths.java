package io.lockstep.agent.app;

import io.lockstep.agent.config.MountInfo;
import io.lockstep.agent.loop.LivePaths;
import io.lockstep.agent.store.LivePath;
import io.lockstep.cluster.Serving;
import io.lockstep.mount.MountTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/** The live paths of all trees, which lead to one side together. */
final class TreeLivePaths implements LivePaths {
    private final List<LivePath> paths;
    private final MountInfo mountInfo;
    /** Where they led before a flip that is under way; what is halfway there is neither here nor there. */
    private Optional<Serving> leaving = Optional.empty();

    TreeLivePaths(List<LivePath> paths, MountInfo mountInfo) {
        this.paths = List.copyOf(paths);
        this.mountInfo = mountInfo;
    }

    @Override
    public Serving serving() {
        try {
            return serving(mountInfo.read());
        } catch (IOException unknown) {
            // Nobody may act on what can't be told; flip has the reason.
            return Serving.ELSEWHERE;
        }
    }

    private Serving serving(MountTable mounts) {
        var seen = EnumSet.noneOf(Serving.class);
        paths.forEach(path -> seen.add(path.look(mounts)));
        if (seen.size() == 1) {
            leaving = Optional.empty();
            return seen.iterator().next();
        }
        if (seen.contains(Serving.ELSEWHERE)) {
            return Serving.ELSEWHERE;
        }
        // A flip that a crash cut in half is no decision of a person: it is as if no path were there yet.
        return leaving.orElse(Serving.ABSENT);
    }

    @Override
    public Optional<String> flip(Serving to) {
        try {
            var mounts = mountInfo.read();
            var from = serving(mounts);
            var flips = new ArrayList<LivePath.Flip>();
            // Each by itself: that one can't be led away is no reason to leave the others on a mount that is lost.
            paths.forEach(path -> flips.add(path.flip(to, mounts)));
            boolean isUnderWay = flips.stream().anyMatch(LivePath.Flip.Requested.class::isInstance);
            leaving = isUnderWay && from != Serving.ELSEWHERE ? Optional.of(from) : Optional.empty();
            return flips.stream().flatMap(flip -> flip.problem().stream()).findFirst();
        } catch (IOException e) {
            return Optional.of("the mount table can't be read: " + e.getMessage() + "; is /proc mounted?");
        }
    }

    @Override
    public Optional<String> limit() {
        return paths.stream().flatMap(path -> path.limit().stream()).findFirst();
    }
}
