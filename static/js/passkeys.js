// Says on the page what became of a passkey that did not work; allauth's scripts tell the console only.
document.addEventListener('allauth.error', function (event) {
  event.preventDefault()
  const exception = event.detail.exception
  const said = exception.name === 'NotAllowedError'
    ? 'No passkey was used: it was cancelled, took too long, or there is none for this site on this device.'
    : exception.name === 'InvalidStateError'
      ? 'This device has a passkey for this account already.'
      : 'The passkey did not work here: ' + exception.message
  const place = document.getElementById('passkey-trouble') || document.querySelector('h1').insertAdjacentElement(
    'afterend', Object.assign(document.createElement('p'), { id: 'passkey-trouble', className: 'notice bad' }))
  place.setAttribute('role', 'alert')
  place.textContent = said
})
