package io.lockstep.agent.http;

import io.lockstep.agent.loop.ControlLoop;
import io.lockstep.cluster.LogEntry;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.PlanChanges;
import io.lockstep.wire.GenerationReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Says of the latest generations what they changed, so that a person can choose one to restore. */
final class GenerationLister {
    /** A manifest of a large tree has megabytes, and each one is read. */
    static final int MOST = 100;

    private final ControlLoop loop;

    GenerationLister(ControlLoop loop) {
        this.loop = loop;
    }

    /** The last {@code count} generations, the newest at the end; at most {@link #MOST}. */
    List<GenerationReport> last(int count) {
        var commits = new ArrayList<LogEntry.Commit>();
        for (var entry : loop.log().entriesAfter(0, Integer.MAX_VALUE)) {
            if (entry instanceof LogEntry.Commit commit) {
                commits.add(commit);
            }
        }
        int from = Math.max(0, commits.size() - Math.min(MOST, Math.max(1, count)));
        var before = from == 0
                ? Optional.of(Manifest.empty())
                : loop.manifest(commits.get(from - 1).generation().root());
        var reports = new ArrayList<GenerationReport>();
        for (var commit : commits.subList(from, commits.size())) {
            var generation = commit.generation();
            var manifest = loop.manifest(generation.root());
            var earlier = before;
            var changes = manifest.flatMap(
                    now -> earlier.map(was -> PlanChanges.between(was, now).counts(was)));
            reports.add(new GenerationReport(
                    generation.id(),
                    commit.at(),
                    generation.root(),
                    manifest.isPresent(),
                    manifest.map(Manifest::fileCount),
                    changes));
            before = manifest;
        }
        return reports;
    }
}
