package io.lockstep.agent.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A host that serves one GlusterFS volume of one brick. glusterd keeps everything in fixed places, so that each host has
 * its own.
 */
final class GlusterServer {
    private static final String VOLUME = "share";
    private static final int PING_TIMEOUT_SECONDS = 5;

    private final LabHost host;

    private GlusterServer(LabHost host) {
        this.host = host;
    }

    /**
     * Makes the volume and serves it.
     *
     * @param brick an empty directory on a file system with extended attributes
     */
    static GlusterServer start(LabHost host, Path brick) throws IOException, InterruptedException {
        var server = new GlusterServer(host);
        Files.createDirectories(brick);
        host.run("mount", "-t", "tmpfs", "tmpfs", "/run");
        host.run("mkdir", "-p", "/run/gluster");
        host.run("mount", "-t", "tmpfs", "tmpfs", "/var/lib/glusterd");
        host.run("mount", "-t", "tmpfs", "tmpfs", "/var/log/glusterfs");
        host.run("glusterd");
        server.gluster("volume", "create", VOLUME, host.address() + ":" + brick, "force");
        // How long a client waits for a server that says nothing; the default of 42 s would make tests long.
        server.gluster("volume", "set", VOLUME, "network.ping-timeout", Integer.toString(PING_TIMEOUT_SECONDS));
        server.gluster("volume", "start", VOLUME);
        return server;
    }

    private void gluster(String... words) throws IOException, InterruptedException {
        var command = new String[words.length + 2];
        command[0] = "gluster";
        command[1] = "--mode=script";
        System.arraycopy(words, 0, command, 2, words.length);
        host.run(command);
    }

    /** Mounts the volume on a host. */
    void mountOn(LabHost client, Path mountpoint) throws IOException, InterruptedException {
        if (client.mountedAt(Path.of("/var/log/glusterfs")).isEmpty()) {
            client.run("mount", "-t", "tmpfs", "tmpfs", "/var/log/glusterfs");
        }
        client.run("mount", "-t", "glusterfs", source(), mountpoint.toString());
    }

    /** As a client's mount table tells it. */
    String source() {
        return host.address() + ":/" + VOLUME;
    }

    LabHost host() {
        return host;
    }

    /** Clients get ENOTCONN at once. */
    void killBrick() throws IOException, InterruptedException {
        signalBrick("KILL");
    }

    /** Every call of a client hangs until the ping timeout, and gets ENOTCONN then. */
    void freezeBrick() throws IOException, InterruptedException {
        signalBrick("STOP");
    }

    void thawBrick() throws IOException, InterruptedException {
        signalBrick("CONT");
    }

    void startBrickAgain() throws IOException, InterruptedException {
        gluster("volume", "start", VOLUME, "force");
    }

    private void signalBrick(String signal) throws IOException, InterruptedException {
        host.run("bash", "-c", "kill -" + signal + " $(cat /run/gluster/vols/" + VOLUME + "/*.pid)");
    }
}
