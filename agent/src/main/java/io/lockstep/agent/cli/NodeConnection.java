package io.lockstep.agent.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.ConfigurationFile;
import io.lockstep.agent.config.InvalidConfigurationException;
import io.lockstep.agent.config.MemberAddress;
import io.lockstep.agent.config.TlsConfiguration;
import io.lockstep.agent.json.Json;
import io.lockstep.agent.peer.CallOutcome;
import io.lockstep.agent.peer.ControlClient;
import io.lockstep.agent.peer.PeerAddress;
import io.lockstep.agent.tls.NodeIdentity;
import io.lockstep.agent.tls.TlsFileException;
import io.lockstep.agent.tls.TlsFiles;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Asks agents of a cluster on their control ports, with the certificate of the node whose configuration it is. All
 * members accept that certificate. Every failure is a {@link CommandFailure} with the address and the remedy:
 *
 * <ul>
 *   <li>66: the node does not know what was asked for (404)
 *   <li>69: no connection, or one side refuses the other's certificate
 *   <li>75: not now (409, 503), or no answer within {@link #DEADLINE}
 *   <li>77: the node refuses this certificate's name (403), or a file of the certificate can't be read
 *   <li>78: the configuration or the certificate is not usable
 * </ul>
 */
final class NodeConnection implements AutoCloseable {
    /** How long an answer may take. A verify is asked for its progress, so no answer takes longer. */
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private final AgentConfiguration configuration;
    private final Path file;
    private final ObjectMapper json = Json.mapper();
    private final ControlClient client;

    /**
     * An answer.
     *
     * @param json as it came, so that a newer agent's fields are shown too
     * @param value what this version of Lockstep understands of it
     */
    record Reply<T>(JsonNode json, T value) {}

    private NodeConnection(AgentConfiguration configuration, Path file, NodeIdentity identity) {
        this.configuration = configuration;
        this.file = file;
        client = new ControlClient(
                identity, members(), json, InstantSource.system(), ControlClient.DEFAULT_RESPONSE_LIMIT_BYTES);
    }

    /** Reads the configuration in {@code file} and the certificate that it names; sends nothing yet. */
    static NodeConnection open(Path file) throws IOException {
        try {
            var configuration = ConfigurationFile.load(file);
            return new NodeConnection(
                    configuration, file, identity(configuration.control().tls()));
        } catch (InvalidConfigurationException e) {
            int more = e.problems().size() - 1;
            throw new CommandFailure(
                    ExitCode.CONFIG,
                    file + ": " + e.problems().get(0) + (more == 0 ? "" : " (and " + more + " more problems)"),
                    "See: lockstep check " + file);
        }
    }

    private static NodeIdentity identity(TlsConfiguration tls) {
        try {
            return NodeIdentity.load(new TlsFiles(tls.ca(), tls.certificate(), tls.key()), InstantSource.system());
        } catch (TlsFileException e) {
            if (e.getCause() instanceof AccessDeniedException denied) {
                throw new CommandFailure(
                        ExitCode.NO_PERMISSION,
                        denied.getFile() + ": " + System.getProperty("user.name") + " may not read it",
                        "Run this as the agent's user, for example: sudo -u lockstep lockstep ...");
            }
            throw new CommandFailure(ExitCode.CONFIG, String.valueOf(e.getMessage()), "See control.tls");
        }
    }

    AgentConfiguration configuration() {
        return configuration;
    }

    /** The node whose configuration it is. */
    PeerAddress self() {
        return address(configuration.self());
    }

    /** The node that commits generations, and the only one that knows of holds. */
    PeerAddress manager() {
        return address(configuration
                .cluster()
                .member(configuration.cluster().manager())
                .orElseThrow(() -> new IllegalStateException("not validated: the manager is not a member")));
    }

    /** All members, this node included, in the order of the file. */
    List<PeerAddress> members() {
        return configuration.cluster().members().stream()
                .map(NodeConnection::address)
                .toList();
    }

    private static PeerAddress address(MemberAddress member) {
        return new PeerAddress(member.name(), member.control());
    }

    /** The answer to a GET of {@code path}. */
    <T> Reply<T> get(PeerAddress node, String path, Class<T> type) throws InterruptedException {
        return reply(node, path, client.get(node, path, JsonNode.class, DEADLINE), type);
    }

    /** The answer to a POST without content to {@code path}. */
    <T> Reply<T> post(PeerAddress node, String path, Class<T> type) throws InterruptedException {
        return reply(node, path, client.post(node, path, Map.of(), JsonNode.class, DEADLINE), type);
    }

    private <T> Reply<T> reply(PeerAddress node, String path, CallOutcome<JsonNode> outcome, Class<T> type) {
        if (outcome instanceof CallOutcome.Answered<JsonNode> answered) {
            try {
                return new Reply<>(answered.value(), json.treeToValue(answered.value(), type));
            } catch (JsonProcessingException e) {
                throw notUnderstood(node, path, e.getOriginalMessage());
            }
        }
        if (outcome instanceof CallOutcome.Refused<JsonNode> refused) {
            throw refused.status() < 300
                    ? notUnderstood(node, path, refused.error())
                    : new CommandFailure(
                            exitCode(refused.status()),
                            node.name() + ": " + refused.error(),
                            sentence(refused.remedy()));
        }
        if (outcome instanceof CallOutcome.Unreachable<JsonNode> unreachable) {
            throw unreachable(node, unreachable);
        }
        throw new CommandFailure(
                ExitCode.TEMPORARY_FAILURE,
                node.name() + " at " + node.control() + " did not answer within " + DEADLINE.toSeconds() + " s",
                "Look at its agent's log and the load of its host, and try again");
    }

    private static CommandFailure notUnderstood(PeerAddress node, String path, String why) {
        return new CommandFailure(
                ExitCode.DATA_ERROR,
                "the answer of " + node.name() + " to " + path + " is not understood: " + why,
                "Use the agent's version of Lockstep");
    }

    private CommandFailure unreachable(PeerAddress node, CallOutcome.Unreachable<JsonNode> outcome) {
        if (outcome.isTlsFailure()) {
            var tls = configuration.control().tls();
            return new CommandFailure(
                    ExitCode.UNAVAILABLE,
                    outcome.reason(),
                    "Here: certificate " + tls.certificate() + ", authority " + tls.ca()
                            + "; the agent read its own when it started");
        }
        var remedy = node.equals(self())
                ? "Start it: systemctl start lockstep, or lockstep agent " + file
                : "Start it on " + node.name() + ", or look at the network from here to there";
        return new CommandFailure(ExitCode.UNAVAILABLE, outcome.reason(), remedy);
    }

    private static ExitCode exitCode(int status) {
        return switch (status) {
            case 403 -> ExitCode.NO_PERMISSION;
            case 404 -> ExitCode.NO_INPUT;
            case 408, 409, 429, 503 -> ExitCode.TEMPORARY_FAILURE;
            default -> ExitCode.UNAVAILABLE;
        };
    }

    /** A remedy after a full stop; one that begins with a command stays as it is typed. */
    private static String sentence(String remedy) {
        return remedy.isEmpty() || remedy.startsWith("lockstep ")
                ? remedy
                : remedy.substring(0, 1).toUpperCase(Locale.ROOT) + remedy.substring(1);
    }

    @Override
    public void close() {
        client.close();
    }
}
