// Shows on the page why a passkey did not work, because allauth's scripts only log the reason to the console. The messages
// are data attributes of the script element, so that they can be translated.
const passkeyMessages = document.currentScript.dataset
document.addEventListener('allauth.error', function (event) {
  event.preventDefault()
  const exception = event.detail.exception
  const message = exception.name === 'NotAllowedError'
    ? passkeyMessages.cancelled
    : exception.name === 'InvalidStateError'
      ? passkeyMessages.registered
      : passkeyMessages.failed + ' ' + exception.message
  const notice = document.getElementById('passkey-trouble') || document.querySelector('h1').insertAdjacentElement(
    'afterend', Object.assign(document.createElement('p'), { id: 'passkey-trouble', className: 'notice bad' }))
  notice.setAttribute('role', 'alert')
  notice.textContent = message
})
