using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Lifecycle;

/// <summary>
/// Users or rights have changed: looks through all Sessions and mailboxes, over as many turns as it takes. A client that would not be let in as it is any
/// more is disconnected, and has to come again. Where its user is gone, its Session ends and what waits for it is dropped: it may have been removed and added
/// again since the look before, and the new one is another user. Owned by the turn.
/// </summary>
internal sealed class AccessReview(Ground ground, SessionTable table, SessionRegistry registry, Mailboxes mailboxes) : IJob
{
    private Session[] _sessions = [];
    private int _next;
    private string[] _devices = [];
    private int _nextDevice;
    private bool _ofKnownOnly;
    private Session? _atHand;

    /// <inheritdoc/>
    public bool Writes => true;

    string IJob.Name => "the review of who may still be here";

    // Nobody stays whose rights could not be looked at: it may come again, and is asked then.
    AfterFault IJob.Failed(Exception fault, Turn turn)
    {
        _atHand?.CloseConnection(CloseReason.InternalError, fault.Message);
        _atHand = null;
        return AfterFault.Later;
    }

    /// <summary>Begins, or begins anew: what changed since may be about those that were looked at already.</summary>
    /// <param name="isStart">
    /// The gateway starts. Then a user that is known by its name alone is not taken for gone: users of the settings are not there where it was started without them by mistake, and what
    /// waits for them must not be lost by that.
    /// </param>
    public void Begin(bool isStart = false)
    {
        _ofKnownOnly = isStart;
        _sessions = [.. table.All];
        _next = 0;
        _devices = mailboxes.Known;
        _nextDevice = 0;
        ground.Turn.Jobs.Start(this);
    }

    public bool Run(Turn turn)
    {
        while (_next < _sessions.Length)
        {
            if (turn.IsSliceOver)
                return false;
            _atHand = _sessions[_next++];
            Look(_atHand);
        }

        _atHand = null;

        // Behind the Sessions: what those leave goes to the mailboxes.
        while (_nextDevice < _devices.Length)
        {
            if (turn.IsSliceOver)
                return false;
            string device = _devices[_nextDevice++];
            if (!_ofKnownOnly || mailboxes.UserOf(device).Id != 0)
                mailboxes.ForgetIfGone(device);
        }

        (_sessions, _devices) = ([], []);
        return true;
    }

    private static string WhyNot(string? user) => string.IsNullOrEmpty(user) ? "users have changed, and a client without a user is not let in as it was" : $"user '{user}' was changed or removed, or its certificate is not taken any more";

    private void Look(Session session)
    {
        if (table.Find(session.ClientId) != session)
            return; // it has ended meanwhile
        if (_ofKnownOnly && session.User.Id == 0)
            return;
        if (session.Connection is { } connection)
        {
            if (session.Rights is not { IsCurrent: false })
                return;
            if (ground.IsGone(session.ClientId, session.User))
                (session.IsUserGone, session.ExpirySeconds) = (true, 0); // ends with the connection
            connection.Close(CloseReason.RightsChanged, WhyNot(session.UserName), ReasonCode.AdministrativeAction);
        }
        else if (ground.IsGone(session.ClientId, session.User))
        {
            registry.End(session).ForNobody(); // where there is no room it stays until its time is over: nobody else gets it
        }
    }
}
