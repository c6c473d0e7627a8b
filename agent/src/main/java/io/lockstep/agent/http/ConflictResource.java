package io.lockstep.agent.http;

import io.lockstep.agent.loop.Conflicts;
import io.lockstep.agent.loop.ControlLoop;
import io.lockstep.agent.loop.TargetOutcome;
import io.lockstep.cluster.Role;
import io.lockstep.wire.ConflictReport;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What operators ask of a node's conflicts on the control port. Each node has its own. */
@Path("/v1/conflicts")
@Produces(MediaType.APPLICATION_JSON)
public final class ConflictResource {
    /** Content is copied on this node's disk before it is committed, and the stage may be in use. */
    private static final long PATIENCE_SECONDS = 8;

    private final ControlLoop loop;
    private final Conflicts conflicts;

    public ConflictResource(ControlLoop loop, Conflicts conflicts) {
        this.loop = loop;
        this.conflicts = conflicts;
    }

    /** What this node keeps. */
    @GET
    public ConflictReport list() {
        return conflicts.list();
    }

    /** One of them. */
    @GET
    @Path("/{id}")
    public ConflictReport.Conflict show(@PathParam("id") String id) {
        return conflicts.list().conflicts().stream()
                .filter(conflict -> conflict.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new RefusedException(
                        404,
                        "there is no conflict " + id + " on " + loop.snapshot().node(),
                        "list them anew: each node has its own"));
    }

    /**
     * Decides one.
     *
     * @param side {@code share} makes its content the live one everywhere; {@code live} leaves all as it is. Then it is no
     *     conflict any more, and its content lies in the trash
     */
    @POST
    @Path("/{id}/take")
    public ConflictReport.Conflict take(@PathParam("id") String id, @QueryParam("side") @Nullable String side)
            throws InterruptedException {
        var conflict = show(id);
        if ("share".equals(side)) {
            makeLive(conflict);
        } else if (!"live".equals(side)) {
            throw new RefusedException(400, "there is no side " + side, "take live or share");
        }
        conflicts.close(conflict).ifPresent(why -> {
            throw new RefusedException(503, "it is still a conflict: " + why, "see the agent's log, and try again");
        });
        return conflict;
    }

    private void makeLive(ConflictReport.Conflict conflict) throws InterruptedException {
        var snapshot = loop.snapshot();
        if (snapshot.role() != Role.MANAGER) {
            throw new RefusedException(
                    409,
                    "only the manager, " + snapshot.manager() + ", makes content live, and this lies on "
                            + snapshot.node(),
                    "publish " + conflict.content() + " again as " + conflict.path()
                            + ", then close it: lockstep conflicts take " + conflict.id() + " --live");
        }
        try {
            var outcome = loop.take(conflict).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (outcome instanceof TargetOutcome.Refused refused) {
                throw new RefusedException(409, refused.why(), refused.remedy());
            }
            if (outcome instanceof TargetOutcome.ContentMissing missing) {
                throw new RefusedException(
                        409,
                        "its content can't be read: "
                                + missing.staging().problem().orElse(""),
                        "look at it where it lies");
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new RefusedException(
                    503, "the agent did not make it live in time", "list the conflicts, and try again");
        }
    }
}
