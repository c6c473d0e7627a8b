package io.lockstep.agent.app;

import io.lockstep.agent.loop.Change;
import io.lockstep.agent.store.ApplyPlan;
import io.lockstep.agent.vfs.RemoteOrder;
import io.lockstep.agent.vfs.RemoteStep;
import io.lockstep.agent.vfs.RemoteTree;
import io.lockstep.artifact.EntryPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Turns a plan into orders for a server, and what came of them into what the loop is told. */
final class RemoteOrders {
    private RemoteOrders() {}

    /** The plan's steps in its order. */
    static List<RemoteOrder> of(ApplyPlan plan) {
        var orders = new ArrayList<RemoteOrder>();
        plan.directories()
                .forEach(entry -> orders.add(new RemoteOrder.MakeDirectory(below(entry.path()), entry.mode())));
        plan.cleared().forEach(path -> orders.add(new RemoteOrder.RemoveFile(below(path))));
        plan.clearedDirectories().forEach(path -> orders.add(new RemoteOrder.RemoveDirectory(below(path))));
        plan.files().forEach(entry -> orders.add(new RemoteOrder.WriteFile(below(entry.path()), entry)));
        plan.removals().forEach(path -> orders.add(new RemoteOrder.RemoveFile(below(path))));
        plan.emptied().forEach(path -> orders.add(new RemoteOrder.RemoveDirectory(below(path))));
        return orders;
    }

    private static EntryPath below(EntryPath path) {
        return path.withoutFirst().orElseThrow();
    }

    static Change change(RemoteTree.Written written, StoredCopies kept) {
        int done = (int) written.steps().stream()
                .filter(step -> step.effect() == RemoteStep.Effect.DONE)
                .count();
        var unsettled = written.steps().stream()
                .filter(step -> step.effect().isUnsettled())
                .toList();
        Optional<String> problem = unsettled.isEmpty()
                ? Optional.empty()
                : Optional.of(unsettled.size() + " paths are not as the generation has them, the first is "
                        + unsettled.get(0).path() + ": " + unsettled.get(0).effect() + " "
                        + unsettled.get(0).why());
        return new Change(
                done, kept.trashed(), kept.preserved(), written.stopped().or(() -> problem));
    }
}
