using System.Text;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Gateway.Devices;
using DeviceMqtt.Gateway.Doctor;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Shapes;

/// <summary>What the gateway knows, in the shapes of the API.</summary>
internal static class ShapeOf
{
    /// <summary>Bytes of a payload that the API shows.</summary>
    public const int PayloadBytesMax = 64 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static IReadOnlyList<DeviceShapes.Note> Of(IReadOnlyList<Note> notes) => [.. notes.Select(Of)];

    public static DeviceShapes.Note Of(Note note) => new(
        $"{note.Rule}:{note.Subject}", note.Level switch { NoteLevel.Bad => "bad", NoteLevel.Warn => "warn", _ => "info" }, note.Title, note.Text, note.Do, note.Subject, note.Device, note.FirstUnixMs, note.LastUnixMs, note.Count);

    public static DeviceShapes.Command Of(CommandForm form) => new(
        form.Name, form.Class switch { CommandClass.Act => "act", CommandClass.Configure => "configure", _ => "ask" }, form.TimeToLiveSeconds, form.IsUnderstood,
        [.. Enumerable.Range(0, form.ArgumentCount).Select(i => Of(form.ArgumentAt(i)))]);

    public static DeviceShapes.SentCommand Of(CommandRecord record) => new(
        record.Id, record.Command, Null(record.Arguments), record.User, record.SentUnixMs, record.ExpiresUnixMs, record.IsOver, Null(record.Status), record.Code, Null(record.Why), Null(record.Result),
        [.. record.Steps.Select(static s => new DeviceShapes.Step(s.Name, s.UnixMs, Null(s.Why)))]);

    public static GatewayShapes.Message Of(string topic, byte[] payload, int bytes, int qos, bool isRetained, long unixMs, bool mayRead, string? from = null, long skipped = 0)
    {
        string? text = null;
        string? base64 = null;
        if (mayRead)
        {
            text = TextOf(payload.AsSpan(0, Math.Min(payload.Length, PayloadBytesMax)), isCut: bytes > payload.Length || payload.Length > PayloadBytesMax);
            base64 = text is null ? Convert.ToBase64String(payload, 0, Math.Min(payload.Length, PayloadBytesMax)) : null;
        }

        return new GatewayShapes.Message(topic, text, base64, bytes, qos, isRetained, unixMs, Null(from ?? ""), skipped);
    }

    /// <summary>When a message was accepted, in this run of the gateway or an earlier one.</summary>
    public static long AcceptedAt(Broker.Messages.Message message, WallClock clock) => message.AcceptedUnixMs > 0 ? message.AcceptedUnixMs : clock.ToUnixMs(message.AcceptedMs);

    // Null when it is no UTF-8. Of one that is cut the last character may be half of one.
    private static string? TextOf(ReadOnlySpan<byte> payload, bool isCut)
    {
        for (int less = 0; less <= (isCut ? 3 : 0) && less <= payload.Length; less++)
        {
            try
            {
                return Strict.GetString(payload[..^less]);
            }
            catch (DecoderFallbackException)
            {
                // The next try has a byte less.
            }
        }

        return null;
    }

    private static DeviceShapes.Argument Of(CommandArgument argument) => new(
        argument.Name, argument.IsOptional,
        argument.Kind switch { CommandArgumentKind.Boolean => "bool", CommandArgumentKind.Whole => "whole", CommandArgumentKind.Number => "number", CommandArgumentKind.Choice => "choice", _ => "text" },
        argument.HasRange ? argument.Min : null, argument.HasRange ? argument.Max : null, Null(argument.Unit), Null(argument.Default), Null(argument.State),
        argument.ChoiceCount == 0 ? null : [.. Enumerable.Range(0, argument.ChoiceCount).Select(argument.ChoiceAt)]);

    private static string? Null(string text) => text.Length == 0 ? null : text;
}
