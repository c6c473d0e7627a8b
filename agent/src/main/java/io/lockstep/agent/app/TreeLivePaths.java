package io.lockstep.agent.app;

import io.lockstep.agent.loop.LivePaths;
import io.lockstep.agent.store.LivePath;
import io.lockstep.cluster.Serving;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;

/** The live paths of all trees, which lead to one side together. */
final class LinkedLivePaths implements LivePaths {
    private final List<LivePath> paths;

    LinkedLivePaths(List<LivePath> paths) {
        this.paths = List.copyOf(paths);
    }

    @Override
    public Serving serving() {
        var seen = EnumSet.noneOf(Serving.class);
        paths.forEach(path -> seen.add(path.look()));
        if (seen.size() == 1) {
            return seen.iterator().next();
        }
        // A flip that a crash cut in half is no decision of a person: it is as if no path were there yet.
        return seen.contains(Serving.ELSEWHERE) ? Serving.ELSEWHERE : Serving.ABSENT;
    }

    @Override
    public void flip(Serving to) throws IOException {
        for (var path : paths) {
            var flip = path.flip(to);
            if (flip instanceof LivePath.Flip.Refused refused) {
                throw new IOException(refused.message());
            }
            if (flip instanceof LivePath.Flip.Failed failed) {
                throw new IOException(failed.failure().message());
            }
        }
    }
}
