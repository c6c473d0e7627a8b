package io.lockstep.agent.http;

import io.lockstep.agent.loop.ControlLoop;
import io.lockstep.generation.ManifestWalk;
import io.lockstep.wire.Exchange;
import io.lockstep.wire.LogPage;
import io.lockstep.wire.LogRecord;
import io.lockstep.wire.TrieAnswers;
import io.lockstep.wire.TrieQuestions;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;

/** What members ask of each other on the control port. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public final class MemberResource {
    private final ControlLoop loop;

    public MemberResource(ControlLoop loop) {
        this.loop = loop;
    }

    /** Both tell of themselves. A member speaks for nobody else. */
    @POST
    @Path("/exchange")
    public Exchange exchange(@Context HttpServletRequest request, Exchange theirs) {
        var peer = PeerName.of(request).name();
        if (!theirs.member().name().value().equals(peer)) {
            throw new RefusedException(
                    403,
                    "the certificate is of " + peer + ", the message of "
                            + theirs.member().name(),
                    "give each node its own certificate and node.name");
        }
        return loop.exchange(theirs);
    }

    /** The decision log after an index. */
    @GET
    @Path("/log")
    public LogPage log(@QueryParam("after") @DefaultValue("0") long after) {
        return new LogPage(loop.log().entriesAfter(after, LogPage.MAX_RECORDS).stream()
                .map(LogRecord::of)
                .toList());
    }

    /** Nodes of the hash trie of a manifest that this node keeps. */
    @POST
    @Path("/trie")
    public TrieAnswers trie(TrieQuestions questions) {
        var manifest = loop.manifest(questions.root())
                .orElseThrow(() -> new RefusedException(
                        404,
                        "no manifest with root " + questions.root() + " is kept here",
                        "ask for the decision log again: a newer generation is committed"));
        try {
            return new TrieAnswers(questions.prefixes().stream()
                    .map(prefix -> ManifestWalk.answer(manifest, prefix))
                    .toList());
        } catch (IllegalArgumentException e) {
            throw new RefusedException(400, String.valueOf(e.getMessage()), "ask for prefixes of hexadecimal digits");
        }
    }
}
