package io.lockstep.agent.http;

import io.lockstep.agent.loop.ControlLoop;
import io.lockstep.agent.loop.RegisterOutcome;
import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.View;
import io.lockstep.health.HealthLimits;
import io.lockstep.wire.AdoptReport;
import io.lockstep.wire.DiffReport;
import io.lockstep.wire.GenerationReport;
import io.lockstep.wire.HoldReport;
import io.lockstep.wire.RestoreReport;
import io.lockstep.wire.ShareRegistration;
import io.lockstep.wire.StatusReport;
import io.lockstep.wire.VerifyReport;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What operators ask of a node on the control port. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
public final class OperatorResource {
    private static final long PATIENCE_SECONDS = 5;

    private final ControlLoop loop;
    private final Verifier verifier;
    private final Restorer restorer;
    private final Adopter adopter;
    private final HealthLimits limits;
    private final InstantSource clock;

    public OperatorResource(
            ControlLoop loop,
            Verifier verifier,
            Restorer restorer,
            Adopter adopter,
            HealthLimits limits,
            InstantSource clock) {
        this.loop = loop;
        this.adopter = adopter;
        this.restorer = restorer;
        this.verifier = verifier;
        this.limits = limits;
        this.clock = clock;
    }

    /** The cluster as this node sees it. */
    @GET
    @Path("/status")
    public StatusReport status() {
        return StatusReport.of(loop.snapshot(), limits, clock.instant());
    }

    /**
     * How a tree differs from the reference, as of the last looks.
     *
     * @param what {@code served}, {@code share} or {@code replica}
     */
    @GET
    @Path("/diff")
    public DiffReport diff(@QueryParam("what") @DefaultValue("served") String what) {
        var views = loop.views();
        Optional<View> view = switch (what) {
            case "served" -> views.served();
            case "share" -> views.share();
            case "replica" -> views.replica();
            default ->
                throw new RefusedException(400, "there is no tree called " + what, "ask for served, share or replica");
        };
        var reference = views.reference()
                .orElseThrow(() -> new RefusedException(
                        409, "there is no reference yet", "wait until the manager has committed a generation"));
        var seen = view.orElseThrow(() -> new RefusedException(
                409,
                "the " + what + " tree can't be seen now",
                loop.snapshot().mount().reason().remedy()));
        return DiffReport.between(
                loop.snapshot().node(),
                what.equals("served") ? views.serving().name() : what.toUpperCase(java.util.Locale.ROOT),
                reference.id(),
                views.manifest().orElseThrow(),
                seen);
    }

    /** Starts to compute every digest of what the Gateway reads, or joins the run that is under way. */
    @POST
    @Path("/verify")
    public VerifyReport verify() {
        return verifier.start();
    }

    /** How far that run is. */
    @GET
    @Path("/verify/{id}")
    public VerifyReport verified(@PathParam("id") long id) {
        return verifier.report(id)
                .orElseThrow(() -> new RefusedException(404, "there is no verify run " + id, "start one"));
    }

    /**
     * Registers the shares that this node, the manager, sees as the cluster's.
     *
     * @param tree one tree's name; all trees without it
     */
    @POST
    @Path("/shares/register")
    public List<ShareRegistration> register(@QueryParam("tree") @Nullable String tree) throws InterruptedException {
        try {
            var outcome = loop.register(Optional.ofNullable(tree)).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (outcome instanceof RegisterOutcome.Registered registered) {
                return registered.shares();
            }
            if (outcome instanceof RegisterOutcome.NoSuchTree none) {
                throw new RefusedException(404, "there is no tree called " + none.tree(), "name one of trees[].name");
            }
            var refused = (RegisterOutcome.Refused) outcome;
            throw new RefusedException(409, refused.why(), refused.remedy());
        } catch (ExecutionException | TimeoutException e) {
            throw new RefusedException(503, "the agent did not register the share", "see its log, and try again");
        }
    }

    /** What a restore would do. */
    @GET
    @Path("/restore")
    public RestoreReport planRestore(
            @QueryParam("generation") @DefaultValue("") String generation, @QueryParam("path") @Nullable String path) {
        return restorer.plan(generationId(generation), entryPath(path));
    }

    /** Restores: see {@link Restorer#start}. */
    @POST
    @Path("/restore")
    public RestoreReport restore(
            @QueryParam("generation") @DefaultValue("") String generation,
            @QueryParam("path") @Nullable String path,
            @QueryParam("approve") @Nullable String approve)
            throws InterruptedException {
        return restorer.start(generationId(generation), entryPath(path), digest(approve));
    }

    /** How the last restore stands. */
    @GET
    @Path("/restore/last")
    public RestoreReport restored() throws InterruptedException {
        return restorer.report();
    }

    private static GenerationId generationId(String text) {
        return parsed(text, GenerationId::parse, "name a generation of lockstep history, such as 1.42");
    }

    private static Optional<EntryPath> entryPath(@Nullable String text) {
        return Optional.ofNullable(text).map(it -> parsed(it, EntryPath::parse, "begin with the tree's name"));
    }

    private static Optional<Digest> digest(@Nullable String text) {
        return Optional.ofNullable(text).map(it -> parsed(it, Digest::parse, "use the plan's digest of a dry run"));
    }

    private static <T> T parsed(String text, Function<String, T> parse, String remedy) {
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(400, "'" + text + "': " + e.getMessage(), remedy);
        }
    }

    /**
     * The latest generations and what each changed.
     *
     * @param count how many, at most 100
     */
    @GET
    @Path("/generations")
    public List<GenerationReport> generations(@QueryParam("n") @DefaultValue("20") int count) {
        return new GenerationLister(loop).last(count);
    }

    /** Says whose tree is everybody's: see {@link Adopter}. */
    @POST
    @Path("/adopt")
    public AdoptReport adopt(@QueryParam("from") @Nullable String from) throws InterruptedException {
        return adopter.adopt(from);
    }

    /** The plans that wait for an operator. */
    @GET
    @Path("/holds")
    public List<HoldReport> holds() {
        return loop.snapshot().holds().stream().map(HoldReport::of).toList();
    }

    /** Lets a held plan go on, for an hour and exactly this one. */
    @POST
    @Path("/holds/{id}/approve")
    public List<HoldReport> approve(@PathParam("id") String id) throws InterruptedException {
        try {
            if (!loop.approve(id).get(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new RefusedException(
                        404,
                        "no plan " + id + " waits for an approval here",
                        "ask the manager (" + loop.snapshot().manager()
                                + ") for its holds: plans change when files do");
            }
            return holds();
        } catch (ExecutionException | TimeoutException e) {
            throw new RefusedException(503, "the agent did not take the approval", "try again");
        }
    }

    /** Refuses a held plan: what it would delete is put back. */
    @POST
    @Path("/holds/{id}/reject")
    public List<HoldReport> reject(@PathParam("id") String id) throws InterruptedException {
        try {
            if (!loop.reject(id).get(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new RefusedException(
                        404,
                        "no plan " + id + " waits for a decision here",
                        "ask the manager (" + loop.snapshot().manager()
                                + ") for its holds: plans change when files do");
            }
            return holds();
        } catch (ExecutionException | TimeoutException e) {
            throw new RefusedException(503, "the agent did not take the rejection", "try again");
        }
    }
}
