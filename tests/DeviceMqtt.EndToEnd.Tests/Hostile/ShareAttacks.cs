namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>One user or address that takes what is there for all.</summary>
internal static class ShareAttacks
{
    public static IEnumerable<Attack> All()
    {
        yield return new("1,084 idle connections, and 1,024 open files", mallory => Mallory.Each(1_084, i => mallory.Open(i % 3))) { OpenFiles = 1024 };
        yield return new("1,000 connections that send a byte of CONNECT now and then", async mallory =>
        {
            List<HostileSocket> sockets = [];
            byte[] connect = HostileBytes.Connect("slow", Mallory.User);
            await Mallory.Each(1_000, async i =>
            {
                if (await mallory.Open(i % 8) is not { } socket)
                    return;
                lock (sockets)
                    sockets.Add(socket);
            });
            for (int b = 0; b < connect.Length - 1 && !mallory.IsToStop; b++)
                foreach (HostileSocket socket in sockets)
                    _ = await socket.Send([connect[b]]);
        });
        yield return new("connections made and ended all the time", mallory => Mallory.Each(30, async number =>
        {
            while (!mallory.IsToStop)
                if (await mallory.Connect() is { } socket)
                    await socket.DisposeAsync();
        }));
        yield return new("20 clients that come with 300 filters and leave, again and again", mallory => Mallory.Each(20, async number =>
        {
            // All of it in one segment: what has come with the CONNECT is handled with it.
            byte[] filters = HostileBytes.Subscribe(isV5: false, qos: 0, [.. Enumerable.Range(0, 300).Select(i => $"{number}/{i}/+")]);
            for (int i = 0; !mallory.IsToStop; i++)
            {
                if (await mallory.Open() is not { } socket)
                    continue;
                _ = await socket.Send([.. HostileBytes.Connect($"mallory-{number}-{i}", Mallory.User), .. filters]);
                _ = await socket.ReadConnAck();
                await socket.DisposeAsync();
            }
        }));
        yield return new("20,000 Sessions of one user", mallory => Mallory.Each(20_000, async i =>
        {
            if (!mallory.IsToStop && await mallory.Connect($"session-{i}", clean: false) is { } socket)
                await socket.DisposeAsync();
        }));
        yield return new("20,000 known devices of one user", mallory => Mallory.Each(20_000, async i =>
        {
            if (!mallory.IsToStop && await mallory.Connect($"device-{i}") is { } socket)
                await socket.DisposeAsync();
        }));
        yield return new("20,000 retained topics, and 1,000 subscriptions to all of them", async mallory =>
        {
            await MemoryAttacks.Publish(mallory, i => RawBytes.Publish($"r/{i}", "x", retain: true), 20_000);
            await Mallory.Each(10, async number =>
            {
                if (await mallory.Connect() is not { } socket)
                    return;
                socket.Drain();
                _ = await socket.Send(HostileBytes.Subscribe(isV5: false, qos: 0, ["#", "+/#", "r/#", .. Enumerable.Range(0, 900).Select(i => $"+/{i}/#")]));
            });
        });
        yield return new("nine absent Sessions, and 200 MB of messages for them", async mallory =>
        {
            for (int s = 0; s < 9; s++)
                if (await mallory.Connect($"absent-{s}", clean: false) is { } socket)
                {
                    _ = await socket.Send(HostileBytes.Subscribe(isV5: false, qos: 1, "flood/#"));
                    socket.Drain();
                    _ = await socket.Send(RawBytes.PingReq);
                    await socket.DisposeAsync();
                }

            await MemoryAttacks.Publish(mallory, i => RawBytes.Publish("flood/q", new byte[10_000], qos: 1, packetId: 1 + (i % 60_000)), 3_000);
        });
        yield return new("100 subscribers to everything that never acknowledge", mallory => Mallory.Each(100, async i =>
        {
            if (await mallory.Connect($"never-{i}", clean: false) is not { } socket)
                return;
            socket.Drain();
            _ = await socket.Send(HostileBytes.Subscribe(isV5: false, qos: 1, "home/#", "flood/#"));
            if (i == 0)
                await MemoryAttacks.Publish(mallory, n => RawBytes.Publish("flood/n", "x", qos: 1, packetId: 1 + (n % 60_000)), 20_000);
        }));
        yield return new("4,500 shared subscriptions to everything the boards say, never acknowledged", mallory => Mallory.Each(5, async c =>
        {
            if (await mallory.Connect($"share-{c}", clean: false) is not { } socket)
                return;
            socket.Drain();
            for (int from = 0; from < 900; from += 100)
                _ = await socket.Send(HostileBytes.Subscribe(isV5: false, qos: 1, [.. Enumerable.Range(from, 100).Select(i => $"$share/c{c}n{i}/#")]));
        }));
        yield return new("200 subscribers to everything the boards say, that never acknowledge", mallory => Mallory.Each(200, async i =>
        {
            if (await mallory.Connect($"all-{i}", clean: false) is not { } socket)
                return;
            socket.Drain();
            _ = await socket.Send(HostileBytes.Subscribe(isV5: false, qos: 1, "#"));
        }));
        yield return new("20 clients that publish QoS 0 as fast as they can", mallory => Mallory.Each(20, number =>
            MemoryAttacks.Publish(mallory, _ => _burst, int.MaxValue)));
        yield return new("20 clients that publish 100 KB at QoS 1 for an absent Session as fast as they can", async mallory =>
        {
            if (await mallory.Connect("absent", clean: false) is { } socket)
                _ = await socket.Send(HostileBytes.Subscribe(isV5: false, qos: 1, "flood/#"));
            await Mallory.Each(20, number => MemoryAttacks.Publish(mallory, n => RawBytes.Publish("flood/d", new byte[100_000], qos: 1, packetId: 1 + (n % 60_000)), int.MaxValue));
        });
        yield return new("20 clients that subscribe and unsubscribe as fast as they can", mallory => Mallory.Each(20, c =>
        {
            byte[] both = [.. HostileBytes.Subscribe(isV5: false, qos: 1, $"a/{c}/+/#"), .. RawBytes.Unsubscribe(1, $"a/{c}/+/#")];
            byte[] burst = [.. Enumerable.Repeat(both, 500).SelectMany(bytes => bytes)];
            return MemoryAttacks.Publish(mallory, _ => burst, int.MaxValue);
        }));
        yield return new("filters of 65,535 bytes that are refused", mallory => Mallory.Each(20, async number =>
        {
            if (await mallory.Connect(isV5: true) is not { } socket)
                return;
            socket.Drain();
            for (int i = 0; i < 100; i++)
                if (!await socket.Send(HostileBytes.Subscribe(isV5: true, qos: 1, string.Concat(Enumerable.Repeat("a/", 32_767)) + "b")))
                    return;
        }));
    }

    // Many packets at once, as a client that does not wait sends them.
    private static readonly byte[] _burst = [.. Enumerable.Repeat(RawBytes.Publish("flood/0", "0123456789"), 1_000).SelectMany(bytes => bytes)];
}
