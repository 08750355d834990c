using System;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// The last <see cref="WireLimits.CommandIdsRemembered"/> commands and their answers, so that a command that comes twice (QoS 1, or a
    /// sender that tries again) is carried out once. Two senders may use the same id: both count.
    /// </summary>
    internal sealed class AnswerMemory
    {
        private const int Slots = WireLimits.CommandIdsRemembered;

        private readonly string[] _ids = EmptyTexts.Make(Slots);
        private readonly string[] _senders = EmptyTexts.Make(Slots);
        private readonly int[] _lengths = new int[Slots];
        private readonly byte[] _answers = new byte[Slots * DeviceLimits.AnswerKeptBytesMax];
        private int _next;

        /// <summary>Remembers a command that was carried out, in place of the oldest. An answer that is too long is not kept.</summary>
        internal void Put(string id, string sender, byte[] answer, int length)
        {
            _ids[_next] = id;
            _senders[_next] = sender;
            _lengths[_next] = length <= DeviceLimits.AnswerKeptBytesMax ? length : 0;
            Array.Copy(answer, 0, _answers, _next * DeviceLimits.AnswerKeptBytesMax, _lengths[_next]);
            _next = (_next + 1) % Slots;
        }

        /// <summary>True if the command is remembered. Copies its answer; the length is 0 if that was not kept.</summary>
        /// <param name="id">The sender's number for the command.</param>
        /// <param name="sender">Client Identifier of the sender.</param>
        /// <param name="answer">At least <see cref="DeviceLimits.AnswerKeptBytesMax"/> bytes long.</param>
        /// <param name="length">Bytes of the answer.</param>
        internal bool TryGet(string id, string sender, byte[] answer, out int length)
        {
            for (int i = 0; i < Slots; i++)
            {
                if (_ids[i] == id && _senders[i] == sender)
                {
                    length = _lengths[i];
                    Array.Copy(_answers, i * DeviceLimits.AnswerKeptBytesMax, answer, 0, length);
                    return true;
                }
            }

            length = 0;
            return false;
        }
    }
}
