package io.lockstep.agent.cli;

import io.lockstep.agent.app.RemoteShareLook;
import io.lockstep.agent.config.InvalidConfigurationException;
import io.lockstep.agent.config.MemberAddress;
import io.lockstep.agent.config.ShareLocation;
import io.lockstep.agent.config.ShareMarker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Makes what a new cluster needs: its authority, each node's certificate and configuration, the share's marker, and the
 * directories of a Gateway's host.
 */
@Command(
        name = "setup",
        description = "Makes a cluster's certificates and configurations, marks its share, prepares a Gateway's host.",
        footer = {
            "",
            "Nothing that exists is overwritten. Run it again with the same --dir to add a node: name all nodes,",
            "those that have a directory keep it. --host prints a plan and changes nothing; with --apply it is",
            "carried out, as root, with Gateway and agent stopped; with --undo it is about the way back. Examples:",
            "  lockstep setup --dir cluster --cluster prod --manager gw1 --node gw1=10.0.0.1 --node gw2=10.0.0.2",
            "  lockstep setup --share /mnt/wso2/server --cluster prod",
            "  lockstep setup --host /etc/lockstep/lockstep.yml",
            "  lockstep setup --host /etc/lockstep/lockstep.yml --apply",
            "  lockstep setup --host /etc/lockstep/lockstep.yml --undo --apply"
        })
final class SetupCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--cluster",
            paramLabel = "ID",
            description = "The cluster's id: 1 to 63 lower-case letters, digits or hyphens.")
    private @Nullable String cluster;

    @Option(names = "--dir", paramLabel = "DIR", description = "Where the nodes' directories and the authority go.")
    private @Nullable Path directory;

    @Option(names = "--manager", paramLabel = "NAME", description = "The node that commits generations.")
    private @Nullable String manager;

    @Option(
            names = "--node",
            paramLabel = "NAME=HOST[:CONTROL[:OPS]]",
            converter = NodeAddress.Converter.class,
            description = "A node, its address and its ports (default: 9881 and 9880). Once for each node.")
    private List<NodeAddress> nodes = new ArrayList<>();

    @Option(
            names = "--share",
            paramLabel = "DIR|URI",
            description = "A tree's directory on the mounted share, or of a share that is not mounted, such as"
                    + " sftp://user@host/directory, to be marked as this cluster's.")
    private List<String> shares = new ArrayList<>();

    @Option(
            names = "--credentials",
            paramLabel = "FILE",
            description = "How to log in to a share that is not mounted, as for trees[].credentials.")
    private @Nullable Path credentials;

    @Option(
            names = "--host",
            paramLabel = "FILE",
            description = "This host's configuration, whose trees[].flip says how its directories are to be.")
    private @Nullable Path host;

    @Option(names = "--apply", description = "With --host: do it.")
    private boolean apply;

    @Option(names = "--undo", description = "With --host: bring back what was there before.")
    private boolean undo;

    @Mixin
    private OutputOptions output = new OutputOptions();

    /** What JSON and YAML show: the paths, and whether each was made now. */
    public record Report(String cluster, List<Made> nodes, List<Made> shares) {}

    /** Something that setup makes. */
    public record Made(String name, String path, boolean isNew) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (host != null) {
            if (cluster != null || directory != null || !shares.isEmpty() || manager != null || !nodes.isEmpty()) {
                throw usage("--host takes --apply and --undo, and everything else from its file");
            }
            return new HostSetupRun(host, output).run(apply, undo).number();
        }
        var id = checkedCluster();
        var answer = new Answer.Builder();
        List<Made> madeNodes = directory == null ? List.of() : makeNodes(id, directory, answer);
        var madeShares = new ArrayList<Made>();
        for (var share : shares) {
            madeShares.add(mark(id, location(share), answer));
        }
        output.write(answer.build(new Report(id, madeNodes, madeShares)));
        return ExitCode.GOOD.number();
    }

    private ShareLocation location(String share) {
        try {
            return ShareLocation.parse(share, Path.of("").toAbsolutePath());
        } catch (IllegalArgumentException e) {
            throw usage("--share '" + ShareLocation.withoutPassword(share) + "' is not " + e.getMessage());
        }
    }

    private Made mark(String id, ShareLocation share, Answer.Builder answer) throws IOException, InterruptedException {
        var fault = share.fault();
        if (fault.isPresent()) {
            throw usage("--share " + share + " " + fault.get().what() + ". "
                    + fault.get().remedy());
        }
        boolean isNew;
        String file;
        if (share instanceof ShareLocation.Remote remote) {
            isNew = RemoteShareLook.mark(remote, Optional.ofNullable(credentials), id);
            file = remote + "/" + ShareMarker.DIRECTORY + "/" + ShareMarker.NAME;
        } else {
            var marker = new ShareMarker(((ShareLocation.Mounted) share).path());
            isNew = marker.write(id);
            file = marker.file().toString();
        }
        answer.line(
                (isNew ? "Marked " : "Already marked ") + share + " as cluster " + id + "'s: " + file,
                Answer.Style.GOOD);
        return new Made(id, file, isNew);
    }

    private String checkedCluster() {
        if (apply || undo) {
            throw usage("--apply and --undo need --host");
        }
        if (cluster == null) {
            throw usage("--cluster is needed, the cluster's id; or --host");
        }
        if (!cluster.matches(MemberAddress.NAME)) {
            throw usage("--cluster '" + cluster + "' is not 1 to 63 lower-case letters, digits or hyphens");
        }
        if (directory == null && shares.isEmpty()) {
            throw usage("nothing to do: give --dir, --share or both");
        }
        if (directory == null && (manager != null || !nodes.isEmpty())) {
            throw usage("--manager and --node need --dir");
        }
        if (directory != null && (manager == null || nodes.isEmpty())) {
            throw usage("--dir needs --manager and a --node for each node");
        }
        checkNodeNames();
        return cluster;
    }

    private void checkNodeNames() {
        var names = nodes.stream().map(NodeAddress::name).toList();
        if (names.contains(ClusterDirectory.AUTHORITY)) {
            throw usage("a node can't be called " + ClusterDirectory.AUTHORITY + ": the authority's directory is");
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private List<Made> makeNodes(String id, Path target, Answer.Builder answer) throws IOException {
        try {
            var made = new ClusterDirectory(target.toAbsolutePath().normalize(), InstantSource.system())
                    .make(id, String.valueOf(manager), nodes);
            nextSteps(id, target, made, answer);
            return made;
        } catch (InvalidConfigurationException e) {
            throw usage(e.problems().get(0).toString());
        }
    }

    private static void nextSteps(String id, Path target, List<Made> made, Answer.Builder answer) {
        answer.table(
                List.of("NODE", "DIRECTORY", ""),
                made.stream()
                        .map(node -> Answer.Row.of(node.name(), node.path(), node.isNew() ? "made" : "kept"))
                        .toList());
        answer.line("");
        answer.line("Next:", Answer.Style.STRONG);
        if (made.stream().anyMatch(Made::isNew) && !made.stream().allMatch(Made::isNew)) {
            answer.line(
                    "0. Kept directories are as they were: add the new nodes to cluster.members of their lockstep.yml,"
                            + " on their hosts too.",
                    Answer.Style.WARNING);
        }
        answer.line("1. Look at 'trees' in each lockstep.yml: the paths of the share, the Gateway and the replica.");
        answer.line("2. Copy each node's directory to its host as /etc/lockstep, for example:");
        for (var node : made) {
            answer.line("     rsync -a " + node.path() + "/ root@" + node.name() + ":/etc/lockstep/");
        }
        answer.line("   and there, for the agent's user: chown -R lockstep: /etc/lockstep");
        answer.line("3. Mark the share once, on a host that has it mounted:");
        answer.line("     lockstep setup --share /mnt/wso2/server --cluster " + id);
        answer.line("4. On each host: lockstep check /etc/lockstep/lockstep.yml");
        answer.line("5. Keep " + target.resolve("ca") + " off the Gateway hosts: who holds its key can admit nodes.");
    }
}
