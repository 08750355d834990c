using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Devices;
using DeviceMqtt.Gateway.Doctor;
using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Gateway.Web;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;
using Microsoft.AspNetCore.Mvc;

namespace DeviceMqtt.Gateway.Api;

/// <summary><c>/api/v1/devices</c>: the list, one device, its readings, and commands to it.</summary>
internal sealed class DevicesApi(ConsoleSource source, DeviceList list)
{
    private const int PointsMin = 10;
    private const int PointsMax = 4_000;
    private const int EventTextMax = 512;
    private const int WaitSecondsMax = 30;
    private const int IdLetters = 12;
    private const int WaitingShownMax = 100;

    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder devices = api.MapGroup("/devices").WithTags("Devices");
        devices.MapGet("/", ListAsync).WithMetadata(Needs.ToSee, Asks.Offset, Asks.Limit(DeviceList.PageRowsMax), Asks.OneOf("sort", DeviceQuery.Orders)).WithSummary("A page of the devices").Produces<DeviceShapes.Page>();
        devices.MapGet("/{name}", OneAsync).WithMetadata(Needs.ToSee).WithSummary("One device in full").Produces<DeviceShapes.Device>();
        devices.MapGet("/{name}/readings", ReadingsAsync).WithMetadata(Needs.ToSee, Asks.Time("from"), Asks.Time("to"), Asks.Number("points", PointsMin, PointsMax)).WithSummary("Readings of a stream, for a chart").Produces<DeviceShapes.Readings>();
        devices.MapGet("/{name}/commands", CommandsAsync).WithMetadata(Needs.ToSee).WithSummary("The last commands to a device").Produces<IReadOnlyList<DeviceShapes.SentCommand>>();
        devices.MapPost("/{name}/commands", SendAsync).WithMetadata(Needs.ToChange, BodyMax.Words).WithSummary("Send a command").Produces<DeviceShapes.SentCommand>(StatusCodes.Status202Accepted);
        devices.MapGet("/{name}/mailbox", MailboxAsync).WithMetadata(Needs.ToSee).WithSummary("What waits for a device").Produces<DeviceShapes.Mailbox>();
        devices.MapDelete("/{name}/mailbox/{id}", TakeBackAsync).WithMetadata(Needs.ToChange, MayFail.Durably).WithSummary("Take back a command that waits for a device").Produces<GatewayShapes.Done>();
        devices.MapDelete("/{name}", RemoveAsync).WithMetadata(Needs.ToChange, MayFail.Durably).WithSummary("Forget a device: its birth, its readings, and the commands that wait for it").Produces<GatewayShapes.Done>();
        api.MapGet("/commands/{id}", CommandAsync).WithMetadata(Needs.ToSee, Asks.Number("wait", 0, WaitSecondsMax)).WithTags("Devices").WithSummary("What became of a command; waits up to some seconds for its end").Produces<DeviceShapes.SentCommand>();
    }

    private async Task<IResult> ListAsync(string? q, string? sort, int? offset, int? limit)
    {
        if (DeviceQuery.Parse(q, out string wrong) is not { } query)
            return Problem.Wrong(wrong);
        return new Answer<DeviceShapes.Page>(await list.PageAsync(query, sort, offset ?? 0, limit ?? DeviceList.PageRows), ApiJson.Default.DevicePage);
    }

    private async Task<IResult> OneAsync(string name, string? prefix)
    {
        await list.TakeRetainedAsync();
        IReadOnlyList<Note> notes = [.. (await list.NotesAsync()).Found.All.Where(n => n.Device == name)];
        if (TurnWork.Read(source.Broker.Turn, () => Find(name, prefix) is { } device ? Describe(device, notes) : null) is { } found)
            return new Answer<DeviceShapes.Device>(found, ApiJson.Default.Device);
        return list.NeverSeen().FirstOrDefault(r => r.Name == name) is { } never
            ? new Answer<DeviceShapes.Device>(new DeviceShapes.Device(never, source.NowUnixMs, source.Observation.StartedUnixMs, "", 0, 1, 0, 0, 0, [], [], [], [], [], ShapeOf.Of(notes)), ApiJson.Default.Device)
            : Problem.NotFound("device of that name");
    }

    private DeviceEntry? Find(string name, string? prefix) => source.Observation.Devices.Find(prefix ?? DeviceTopic.DefaultPrefix, name);

    private DeviceShapes.Device Describe(DeviceEntry device, IReadOnlyList<Note> notes)
    {
        DeviceShapes.Row row = list.Rows.Of(device, notes.Count);
        BirthReader? birth = source.Observation.Devices.ReadBirth(device);
        return new DeviceShapes.Device(
            row, source.NowUnixMs, source.Observation.StartedUnixMs, device.ResetCause, device.BootUnixMs, birth?.Window ?? 1, device.Received, device.Lost, device.Starts,
            [.. device.Streams.Select(static s => new DeviceShapes.Stream(s.Name, Math.Round(s.IntervalMs), [.. s.Series.Select(m => DeviceRows.Reading(s, m))]))],
            birth is null ? [] : [.. Enumerable.Range(0, birth.CommandCount).Select(i => ShapeOf.Of(birth.CommandAt(i)))],
            [.. device.Events.Reverse().Select(static e => new DeviceShapes.Event(e.Number, e.UnixMs, e.Name, TextOf(e.Payload), e.IsLate))],
            [.. source.Observation.Clients.Of(device.ClientId).Select(static v => new DeviceShapes.Visit(v.FromUnixMs, v.ToUnixMs, v.Address, v.ToUnixMs == 0 ? "" : CloseWords.Of(v.Reason), v.Detail))],
            birth is null ? [] : [.. Enumerable.Range(0, birth.FailedCount).Select(birth.FailedAt)],
            ShapeOf.Of(notes));
    }

    private static string TextOf(byte[] payload)
    {
        string text = Encoding.UTF8.GetString(payload);
        return text.Length > EventTextMax ? text[..EventTextMax] : text;
    }

    private async Task<IResult> ReadingsAsync(string name, string? prefix, string stream, long? from, long? to, int? points)
    {
        long now = source.NowUnixMs;
        long end = Math.Min(to ?? now, now);
        long begin = from ?? end - Series.RawMs;
        if (begin >= end)
            return Problem.Wrong("'from' must be before 'to', both in milliseconds since 1970");
        int width = points ?? 600;
        await list.TakeRetainedAsync();
        var found = TurnWork.Read(source.Broker.Turn, () => Find(name, prefix)?.FindStream(stream) is { } entry
            ? (entry.IntervalMs, Metrics: entry.Series.Select(s => (s.Name, s.Unit, Points: s.Between(begin, end))).ToList())
            : default);
        if (found.Metrics is null)
            return Problem.NotFound("stream of that name");
        long step = found.Metrics.Exists(m => m.Points.Count > 2 * width) ? Chart.StepFor(end - begin, width) : 0;
        return new Answer<DeviceShapes.Readings>(
            new DeviceShapes.Readings(begin, end, now, Math.Round(found.IntervalMs), step, [.. found.Metrics.Select(m => new DeviceShapes.Metric(m.Name, m.Unit, Chart.Of(m.Points, step)))]), ApiJson.Default.Readings);
    }

    private async Task<IResult> CommandsAsync(string name, string? prefix)
    {
        await list.TakeRetainedAsync();
        IReadOnlyList<DeviceShapes.SentCommand>? sent = TurnWork.Read<IReadOnlyList<DeviceShapes.SentCommand>?>(source.Broker.Turn, () =>
            Find(name, prefix) is { } device ? [.. source.Observation.Commands.For(device.ClientId).Reverse().Select(ShapeOf.Of)] : null);
        return sent is null ? Problem.NotFound("device of that name") : new Answer<IReadOnlyList<DeviceShapes.SentCommand>>(sent, ApiJson.Default.SentCommands);
    }

    private async Task<IResult> MailboxAsync(string name, string? prefix)
    {
        await list.TakeRetainedAsync();
        int count = -1;
        List<DeviceShapes.Waiting> first = [];
        // What is on the disk alone is read there: a slice at a time.
        await TurnWork.ForEachAsync(source.Broker.Turn, [], () =>
        {
            if (Find(name, prefix) is not { } device)
                return [];
            Mailbox? mailbox = source.Broker.Mailboxes.Find(device.ClientId);
            count = mailbox?.Count ?? 0;
            return mailbox?.Waiting.Take(WaitingShownMax) ?? [];
        }, (QueuedMessage queued) => first.Add(Describe(source.Broker.Custody.Read(queued.Message) ?? queued.Message)));
        return count < 0 ? Problem.NotFound("device of that name") : new Answer<DeviceShapes.Mailbox>(new DeviceShapes.Mailbox(count, first), ApiJson.Default.Mailbox);
    }

    private async Task<IResult> TakeBackAsync(string name, string id, string? prefix, string? from, HttpContext context)
    {
        (bool isDone, DurableEnd end) = await FindWaitingAsync(name, id, prefix, from) is not { } found ? (false, DurableEnd.OnDisk)
            : await DurableChange.MakeAsync(source.Broker, () =>
            {
                bool isTaken = found.Mailbox.TryTakeBack(found.Queued, out Kept kept);
                source.Broker.Turn.Gate.Join(kept);
                return isTaken;
            });
        if (!isDone)
            return Problem.NotFound("such command in its mailbox: the device has been handed it, or its time is over");
        if (Certainty.Lacking(end, "There is no room on the disk to note that it is taken back: it still waits.") is { } problem)
            return problem;
        source.Changed(context, $"command {id} to {name} taken back");
        return new Answer<GatewayShapes.Done>(new GatewayShapes.Done("The command is taken back"), ApiJson.Default.Done);
    }

    private async Task<(Mailbox Mailbox, QueuedMessage Queued)?> FindWaitingAsync(string name, string id, string? prefix, string? from)
    {
        await list.TakeRetainedAsync();
        if (TurnWork.Read(source.Broker.Turn, () => Find(name, prefix) is { } device ? source.Broker.Mailboxes.Find(device.ClientId) : null) is not { } mailbox)
            return null;
        QueuedMessage? found = null;
        await TurnWork.ForEachAsync(source.Broker.Turn, [], mailbox.NotHandedOver, (QueuedMessage queued) =>
        {
            if (found is null && mailbox.IsCommand(queued, id, from))
                found = queued;
        });
        return found is { } command ? (mailbox, command) : null;
    }

    private DeviceShapes.Waiting Describe(Message message)
    {
        CommandEnvelope envelope = new();
        bool isCommand = message.Payload.Length is > 0 and <= WireLimits.CommandBytesMax && envelope.TryRead(message.Payload, 0, message.Payload.Length) && envelope.IsCommand;
        return new DeviceShapes.Waiting(
            isCommand ? envelope.Id : null, isCommand ? envelope.Command : null, isCommand ? envelope.From : null, message.ContentBytes,
            message.AcceptedUnixMs, message.ExpiresMs == long.MaxValue ? 0 : source.Broker.Clock.ToUnixMs(message.ExpiresMs));
    }

    private async Task<IResult> CommandAsync(string id, int? wait, HttpContext context)
    {
        if (TurnWork.Read(source.Broker.Turn, () => source.Observation.Commands.Find(id)) is not { } record)
            return Problem.NotFound("command of that id; the last 500 are remembered, until the gateway starts anew");
        if (wait is > 0)
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            limit.CancelAfter(TimeSpan.FromSeconds(wait.Value));
            await record.Ended.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return new Answer<DeviceShapes.SentCommand>(TurnWork.Read(source.Broker.Turn, () => ShapeOf.Of(record)), ApiJson.Default.SentCommand);
    }

    private async Task<IResult> SendAsync(string name, string? prefix, [FromBody] DeviceShapes.NewCommand command, HttpContext context)
    {
        if (string.IsNullOrEmpty(command.Command) || Encoding.UTF8.GetByteCount(command.Command) > WireLimits.CommandNameCharsMax)
            return Problem.Wrong($"'command' has 1 to {WireLimits.CommandNameCharsMax} bytes");
        if (!TryWrite(command.Arguments, out string arguments))
            return Problem.Wrong("'arguments' has half of a character (a surrogate of UTF-16 without its other one), which no text can have");
        await list.TakeRetainedAsync();
        string user = Caller.Of(context).Name;
        ((CommandRecord? record, string wrong), DurableEnd end) = await DurableChange.MakeAsync(source.Broker, () => Publish(name, prefix, command, arguments, user));
        if (record is null)
            return wrong.Length == 0 ? Problem.NotFound("device of that name that a command can be sent to") : Problem.Wrong(wrong);
        // Where it found no room its record says so.
        if (end == DurableEnd.NotCertain)
            return Certainty.Lacking(end, "")!;
        source.Changed(context, $"command {record.Command} ({record.Id}) to {name}");
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = $"/api/v1/commands/{record.Id}";
        return new Answer<DeviceShapes.SentCommand>(TurnWork.Read(source.Broker.Turn, () => ShapeOf.Of(record)), ApiJson.Default.SentCommand);
    }

    // What was read from JSON need not be text: one half of a character alone is read, and fails when it is written.
    private static bool TryWrite(JsonNode? node, out string json)
    {
        try
        {
            json = node?.ToJsonString() ?? "";
            return true;
        }
        catch (InvalidOperationException)
        {
            json = "";
            return false;
        }
    }

    // Inside a turn. What is wrong is empty where there is no such device.
    private (CommandRecord? Record, string Wrong) Publish(string name, string? prefix, DeviceShapes.NewCommand command, string arguments, string user)
    {
        if (Find(name, prefix) is not { } device || !ClientId.IsAddressable(device.ClientId))
            return (null, "");
        int seconds = command.Seconds ?? source.Observation.Devices.ReadBirth(device)?.FindCommand(command.Command)?.TimeToLiveSeconds ?? CommandForm.TimeToLiveOf(CommandClass.Query);
        if (seconds is < 1 or > 30 * 24 * 3600)
            return (null, "'seconds' is 1 to 2592000");
        string id = RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", IdLetters);
        long now = source.NowUnixMs;
        long expires = now + (seconds * 1000L);
        FlatJsonWriter writer = new(WireLimits.CommandBytesMax);
        // By a clock that nobody vouches for it could be over at once, or as soon as the network sets it.
        long? end = source.Broker.Clock.VouchedUnixMs is { } vouched ? (vouched / 1000) + seconds : null;
        if (!CommandEnvelope.Write(writer, id, command.Command, Encoding.UTF8.GetBytes(arguments), CommandBook.Sender, end ?? 0, end is null ? seconds : 0))
            return (null, $"the command is longer than {WireLimits.CommandBytesMax} bytes");
        CommandRecord record = new(id, device.ClientId, command.Command, arguments, user, now, expires, source.Broker.Turn.NowMs + (seconds * 1000L));
        record.Steps.Add(new CommandStep("accepted", now, ""));
        source.Observation.Commands.Add(record);
        Publication publication = new()
        {
            Route = source.Broker.Routes.Get(P2PTopic.Build(device.Prefix, device.ClientId)),
            QoS = QoS.AtLeastOnce,
            Payload = writer.Buffer.AsSpan(0, writer.Length),
            Origin = Origin.Gateway,
            NowMs = source.Broker.Turn.NowMs,
        };
        publication.LimitLifetime((uint)seconds);
        _ = source.Broker.Publish(ref publication); // what becomes of it is told by receipts, at once where it is known
        return (record, "");
    }

    private async Task<IResult> RemoveAsync(string name, string? prefix, HttpContext context)
    {
        await list.TakeRetainedAsync();
        bool isHere = false;
        (bool isDone, DurableEnd end) = await DurableChange.MakeAsync(source.Broker, () =>
        {
            if (Find(name, prefix) is not { } device)
                return false;
            isHere = source.Broker.Sessions.Find(device.ClientId) is { IsConnected: true };
            if (isHere)
                return false;
            Kept ended = source.Broker.Sessions.ForgetAway(device.ClientId);
            source.Broker.Turn.Gate.Join(ended);
            if (ended.IsNoRoom)
                return true;
            MessagesApi.RemoveRetained(source, DeviceTopic.BuildInfo(device.Prefix, device.Name));
            source.Observation.Devices.Remove(device);
            return true;
        });
        if (!isDone)
            return isHere ? Problem.Wrong("the device is connected: disconnect it first, or take its user away") : Problem.NotFound("device of that name");
        if (Certainty.Lacking(end, "There is no room on the disk to note that it is forgotten.") is { } problem)
            return problem;
        source.Changed(context, $"device {name} forgotten");
        return new Answer<GatewayShapes.Done>(new GatewayShapes.Done($"{name} is forgotten"), ApiJson.Default.Done);
    }
}
